import { createReceiveScene } from '../measure/receive-scene.ts'
import type { Row } from '../row.ts'
import type { Managed, ManagedPeer } from '../servers/managed.ts'
import type { ManagedMethods } from '../servers/managed-server.ts'
import { receivePaced } from './receive-paced.ts'

export const managedProviders: readonly Managed[] = ['pusher', 'ably']

/** The client's CPU time for each message when they come one by one, over the bare SDK. */
export const receiveManaged = (provider: Managed): Row => {
  const open = (peer: ManagedPeer) =>
    createReceiveScene<ManagedMethods>(
      'servers/managed-server.ts',
      [peer],
      peer,
      'clients/managed-receiver.ts',
    )
  return receivePaced(`receive.single.${provider}`, 1.15, {
    ours: () => open(`hub.${provider}`),
    baseline: () => open(`plain.${provider}`),
  })
}
