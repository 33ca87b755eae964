import type { DispatchMethods } from '../clients/dispatch.ts'
import { alternate } from '../measure/alternate.ts'
import { startWorker } from '../process/worker.ts'
import type { Row } from '../row.ts'

const count = 50_000

/**
 * The CPU time from the transport to the listener with 1,000 channels open, against one: what finding the
 * channel costs. Spread over all of them it is mostly the processor's caches that miss.
 */
export const dispatch: Row = {
  name: 'dispatch',
  run: async () => {
    const many = await startWorker<DispatchMethods>('clients/dispatch.ts', [1_000])
    const one = await startWorker<DispatchMethods>('clients/dispatch.ts', [1])
    const compare = async (spread: boolean) => {
      const compared = await alternate(9, {
        ours: async () => ({ time: await many.call('run', count, spread) }),
        baseline: async () => ({ time: await one.call('run', count, spread) }),
      })
      return compared('time')
    }
    try {
      const time = await compare(false)
      const spread = await compare(true)
      return {
        name: 'dispatch',
        unit: 'ns',
        ...time,
        target: 'ratio ≤ 1.2',
        met: time.ratio <= 1.2,
        also: [{ name: 'messages spread over all channels', unit: 'ns', ...spread }],
      }
    } finally {
      await Promise.all([many.stop(), one.stop()])
    }
  },
}
