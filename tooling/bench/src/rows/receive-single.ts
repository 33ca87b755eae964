import { createReceiveScene } from '../measure/receive-scene.ts'
import type { Row } from '../row.ts'
import type { HubMethods } from '../servers/hub-server.ts'
import { baselineServer, type Provider } from './provider.ts'
import { receivePaced } from './receive-paced.ts'

/** The client's CPU time for each message when they come one by one. */
export const receiveSingle = (provider: Provider): Row => {
  const open = (script: string, receiver: string) =>
    createReceiveScene<HubMethods>(script, ['memory'], receiver)
  return receivePaced(`receive.single.${provider}`, 1.1, {
    ours: () => open('servers/hub-server.ts', `hub.${provider}`),
    baseline: () => open(baselineServer[provider], `plain.${provider}`),
    frames: () => open('servers/hub-server.ts', `frames.${provider}`),
  })
}
