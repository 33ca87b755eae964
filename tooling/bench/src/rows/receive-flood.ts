import type { Peer } from '../load/open-client.ts'
import { alternate } from '../measure/alternate.ts'
import { createReceiveScene, type ReceiveScene } from '../measure/receive-scene.ts'
import type { Row } from '../row.ts'
import type { FloodMethods } from '../servers/flood-server.ts'
import type { Provider } from './provider.ts'

const count = 20_000
const runs = 9

/** What a todo takes as JSON; a kilobyte is mostly `JSON.parse`, which both sides need alike. */
const small = 160
const large = 1_024

/** Messages a second that one client handles in a flood that was made beforehand. */
export const receiveFlood = (provider: Provider): Row => {
  const name = `receive.flood.${provider}`
  return {
    name,
    run: async () => {
      const ours = await open(`hub.${provider}`)
      const baseline = await open(`plain.${provider}`)
      const compare = (bytes: number) =>
        alternate(runs, { ours: () => flood(ours, bytes), baseline: () => flood(baseline, bytes) })
      try {
        const compared = await compare(small)
        const kilobyte = await compare(large)
        const rate = compared('rate')
        return {
          name,
          unit: 'messages/s',
          ...rate,
          target: 'ratio ≥ 1.5',
          met: rate.ratio >= 1.5,
          also: [
            { name: 'client CPU per message', unit: 'µs', ...compared('cpu') },
            { name: 'messages of 1 kB', unit: 'messages/s', ...kilobyte('rate') },
            { name: 'messages of 1 kB, client CPU', unit: 'µs', ...kilobyte('cpu') },
          ],
        }
      } finally {
        await Promise.all([ours.stop(), baseline.stop()])
      }
    },
  }
}

const open = (peer: Peer) => createReceiveScene<FloodMethods>('servers/flood-server.ts', [peer], peer)

const flood = async (scene: ReceiveScene<FloodMethods>, bytes: number) => {
  const { elapsed, cpu } = await scene.run(count, (server) => server.call('flood', count, bytes))
  return { rate: (count / elapsed) * 1e6, cpu }
}
