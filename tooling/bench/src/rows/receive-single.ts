import type { Peer } from '../load/open-client.ts'
import { createReceiveScene } from '../measure/receive-scene.ts'
import type { Row } from '../row.ts'
import { baselineServer, type Provider } from './provider.ts'
import { type PacedMethods, receivePaced } from './receive-paced.ts'

/** The client's CPU time for each message when they come one by one. */
export const receiveSingle = (provider: Provider): Row => {
  const [hub, plain] = [`hub.${provider}`, `plain.${provider}`] as const
  const open = (script: string, args: string, receiver: string) =>
    createReceiveScene<PacedMethods>(script, [args], receiver)
  const beforehand = (bytes: Peer, receiver: string) => open('servers/flood-server.ts', bytes, receiver)
  return receivePaced(`receive.single.${provider}`, 1.1, {
    ours: () => beforehand(hub, hub),
    baseline: () => beforehand(plain, plain),
    frames: () => beforehand(hub, `frames.${provider}`),
    hub: () => open('servers/hub-server.ts', 'memory', hub),
    plain: () => open(baselineServer[provider], 'memory', plain),
  })
}
