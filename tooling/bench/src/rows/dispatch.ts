import type { DispatchMethods } from '../clients/dispatch.ts'
import { alternate } from '../measure/alternate.ts'
import { startWorker } from '../process/worker.ts'
import type { Row } from '../row.ts'

const count = 50_000

/** The time from the transport to the listener with 1,000 channels open, against one. */
export const dispatch: Row = {
  name: 'dispatch',
  run: async () => {
    const many = await startWorker<DispatchMethods>('clients/dispatch.ts', [1_000])
    const one = await startWorker<DispatchMethods>('clients/dispatch.ts', [1])
    try {
      const compared = await alternate(11, {
        ours: async () => ({ time: await many.call('run', count) }),
        baseline: async () => ({ time: await one.call('run', count) }),
      })
      const time = compared('time')
      return { name: 'dispatch', unit: 'ns', ...time, target: 'ratio ≤ 1.2', met: time.ratio <= 1.2 }
    } finally {
      await Promise.all([many.stop(), one.stop()])
    }
  },
}
