import { alternate } from '../measure/alternate.ts'
import { createReceiveScene } from '../measure/receive-scene.ts'
import type { Row } from '../row.ts'
import type { FloodMethods } from '../servers/flood-server.ts'
import type { Provider } from './provider.ts'

const count = 20_000

/** Messages a second that one client handles in a flood of 1 kB each, made beforehand. */
export const receiveFlood = (provider: Provider): Row => {
  const name = `receive.flood.${provider}`
  return {
    name,
    run: async () => {
      const scenes = await Promise.all(
        ([`hub.${provider}`, `plain.${provider}`] as const).map((peer) =>
          createReceiveScene<FloodMethods>('servers/flood-server.ts', [peer], peer),
        ),
      )
      const [ours, baseline] = scenes as [(typeof scenes)[0], (typeof scenes)[0]]
      const measure = async (scene: typeof ours) => {
        const { elapsed, cpu } = await scene.run(count, (server) => server.call('flood', count))
        return { rate: (count / elapsed) * 1e6, cpu }
      }
      try {
        const compared = await alternate(9, { ours: () => measure(ours), baseline: () => measure(baseline) })
        const rate = compared('rate')
        return {
          name,
          unit: 'messages/s',
          ...rate,
          target: 'ratio ≥ 1.5',
          met: rate.ratio >= 1.5,
          also: [{ name: 'client CPU per message', unit: 'µs', ...compared('cpu') }],
        }
      } finally {
        await Promise.all([ours.stop(), baseline.stop()])
      }
    },
  }
}
