import { alternate } from '../measure/alternate.ts'
import { createReceiveScene } from '../measure/receive-scene.ts'
import type { Row } from '../row.ts'
import type { HubMethods } from '../servers/hub-server.ts'
import { baselineServer, type Provider } from './provider.ts'

const count = 2_000
const perSecond = 1_000
/** Messages until the compiler has settled: in a process that lives for hours its work is none of a message's. */
const warmUp = 20_000

/** The client's CPU time for each message of 1 kB when they come one by one. */
export const receiveSingle = (provider: Provider): Row => {
  const name = `receive.single.${provider}`
  return {
    name,
    run: async () => {
      const ours = await createReceiveScene<HubMethods>(
        'servers/hub-server.ts',
        ['memory'],
        `hub.${provider}`,
      )
      const baseline = await createReceiveScene<HubMethods>(baselineServer[provider], [], `plain.${provider}`)
      const measure = async (scene: typeof ours) => {
        const { cpu } = await scene.run(count, (server) => server.call('paced', count, perSecond))
        return { cpu }
      }
      try {
        for (const scene of [ours, baseline])
          await scene.run(warmUp, (server) => server.call('paced', warmUp, perSecond * 10))
        const compared = await alternate(9, { ours: () => measure(ours), baseline: () => measure(baseline) })
        const cpu = compared('cpu')
        return { name, unit: 'µs', ...cpu, target: 'ratio ≤ 1.10', met: cpu.ratio <= 1.1 }
      } finally {
        await Promise.all([ours.stop(), baseline.stop()])
      }
    },
  }
}
