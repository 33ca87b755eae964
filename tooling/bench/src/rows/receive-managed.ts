import { alternate } from '../measure/alternate.ts'
import { createReceiveScene } from '../measure/receive-scene.ts'
import type { Row } from '../row.ts'
import type { Managed, ManagedPeer } from '../servers/managed.ts'
import type { ManagedMethods } from '../servers/managed-server.ts'

export const managedProviders: readonly Managed[] = ['pusher', 'ably']

const count = 2_000
const perSecond = 1_000
const runs = 9
/** As for the providers that are not managed. */
const warmUp = 20_000

/** The client's CPU time for each message of 1 kB when they come one by one, over the bare SDK. */
export const receiveManaged = (provider: Managed): Row => {
  const name = `receive.single.${provider}`
  return {
    name,
    run: async () => {
      const open = (peer: ManagedPeer) =>
        createReceiveScene<ManagedMethods>(
          'servers/managed-server.ts',
          [peer],
          peer,
          'clients/managed-receiver.ts',
        )
      const ours = await open(`hub.${provider}`)
      const baseline = await open(`plain.${provider}`)
      const measure = async (scene: typeof ours) => {
        const { cpu } = await scene.run(count, (server) => server.call('paced', count, perSecond))
        return { cpu }
      }
      try {
        for (const scene of [ours, baseline])
          await scene.run(warmUp, (server) => server.call('paced', warmUp, perSecond * 10))
        const compared = await alternate(runs, {
          ours: () => measure(ours),
          baseline: () => measure(baseline),
        })
        const cpu = compared('cpu')
        return { name, unit: 'µs', ...cpu, target: 'ratio ≤ 1.15', met: cpu.ratio <= 1.15 }
      } finally {
        await Promise.all([ours.stop(), baseline.stop()])
      }
    },
  }
}
