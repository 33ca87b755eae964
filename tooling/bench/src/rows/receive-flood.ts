import type { Peer } from '../load/open-client.ts'
import { alternate } from '../measure/alternate.ts'
import { createReceiveScene, type ReceiveScene } from '../measure/receive-scene.ts'
import type { Row } from '../row.ts'
import type { FloodMethods } from '../servers/flood-server.ts'
import type { HubMethods } from '../servers/hub-server.ts'
import { baselineServer, type Provider } from './provider.ts'

const count = 20_000
const runs = 9

/** Messages of a kilobyte are mostly `JSON.parse`, which both sides need alike; a todo takes this much. */
const small = 160
const large = 1_024

/**
 * Messages of 1 kB that one client handles in a second of its CPU time while a real server floods it. A second
 * of wall time would tell how fast that server is. With bytes that were made beforehand the client sets the pace
 * and reads as much at once as the kernel has.
 */
export const receiveFlood = (provider: Provider): Row => {
  const name = `receive.flood.${provider}`
  return {
    name,
    run: async () => {
      const flood = await fromServer(provider)
      const ready = await beforehand(provider)
      const rate = flood('rate')
      return {
        name,
        unit: 'messages/s',
        ...rate,
        target: 'ratio ≥ 1.5',
        met: rate.ratio >= 1.5,
        also: [
          { name: 'end to end, wall time', unit: 'messages/s', ...flood('wall') },
          { name: 'made beforehand, 160 B, wall time', unit: 'messages/s', ...ready.small('wall') },
          { name: 'made beforehand, 1 kB, wall time', unit: 'messages/s', ...ready.large('wall') },
        ],
      }
    },
  }
}

const fromServer = async (provider: Provider) => {
  const open = (script: string, peer: Peer) => createReceiveScene<HubMethods>(script, ['memory'], peer)
  const ours = await open('servers/hub-server.ts', `hub.${provider}`)
  const baseline = await open(baselineServer[provider], `plain.${provider}`)
  const flood = async (scene: ReceiveScene<HubMethods>) =>
    rates(await scene.run(count, (server) => server.call('burst', count)))
  try {
    return await alternate(runs, { ours: () => flood(ours), baseline: () => flood(baseline) })
  } finally {
    await Promise.all([ours.stop(), baseline.stop()])
  }
}

const beforehand = async (provider: Provider) => {
  const open = (peer: Peer) => createReceiveScene<FloodMethods>('servers/flood-server.ts', [peer], peer)
  const ours = await open(`hub.${provider}`)
  const baseline = await open(`plain.${provider}`)
  const flood = async (scene: ReceiveScene<FloodMethods>, bytes: number) =>
    rates(await scene.run(count, (server) => server.call('flood', count, bytes)))
  const compare = (bytes: number) =>
    alternate(runs, { ours: () => flood(ours, bytes), baseline: () => flood(baseline, bytes) })
  try {
    return { small: await compare(small), large: await compare(large) }
  } finally {
    await Promise.all([ours.stop(), baseline.stop()])
  }
}

const rates = ({ elapsed, cpu }: { readonly elapsed: number; readonly cpu: number }) => ({
  rate: 1e6 / cpu,
  wall: (count / elapsed) * 1e6,
})
