import { Buffer } from 'node:buffer'
import { createUplinkSessions, type Gateway, type GatewayHub } from '@syncline/server'
import type Pusher from 'pusher'
import type { AuthorizeAnswer, SignInAnswer } from '../wire.ts'
import { checkEncryption, encryptedSize, listOf, socketOf, userId, wakeChannel } from './at-pusher.ts'
import { createPublisher, type Publisher } from './create-publisher.ts'
import { encodeChannel } from './encode-channel.ts'
import { call } from './pusher-call.ts'
import { signChannel } from './sign-channel.ts'

/** Options of {@link pusherGateway}. */
export interface PusherGatewayOptions {
  /** The server SDK, with the app's secret. What else it is used for does not matter. */
  readonly pusher: Pusher
  /**
   * Whether hub channels are end-to-end encrypted, so that Pusher cannot read them. Needs
   * `encryptionMasterKeyBase64` on the server SDK, and `nacl` or the build with encryption on clients. Default false.
   */
  readonly encrypted?: boolean
}

/**
 * Serves hub clients over Pusher Channels: what is for a whole channel is triggered there, everything else goes over
 * the hub's own handler. Clients get signatures for the channels that `authorize` grants, on their own socket only;
 * `hub.revoke` terminates the person's connections at Pusher.
 *
 * @throws SynclineError `provider-refused` when `encrypted` is asked for and the SDK has no master key
 * @example
 * const pusher = new Pusher({ appId, key, secret, cluster: 'eu' })
 * const hub = createHub({ gateways: [pusherGateway({ pusher })], … })
 * http.createServer(toNodeHandler(hub.handler))
 */
export const pusherGateway = ({ pusher, encrypted = false }: PusherGatewayOptions): Gateway => {
  const prefix = encrypted ? 'private-encrypted-syncline-' : 'private-syncline-'
  if (encrypted) checkEncryption(pusher, prefix)
  let hub: GatewayHub | undefined
  let publisher: Publisher | undefined

  const nameOf = (channel: string): string | undefined => {
    try {
      return encodeChannel(prefix, channel)
    } catch {
      return undefined
    }
  }
  const uplink = createUplinkSessions({
    name: 'pusher',
    wake: ({ wakeId }) => publisher?.wake(wakeChannel(wakeId)),
    actions: {
      'sign-in': async (session, body): Promise<SignInAnswer> => {
        const socket = socketOf(body.socket)
        const name = wakeChannel(session.wakeId)
        const { subject } = await session.grant()
        return {
          user: pusher.authenticateUser(socket, { id: userId(subject) }),
          wake: { name, ...pusher.authorizeChannel(socket, name) },
        }
      },
      authorize: async (session, body): Promise<AuthorizeAnswer> => {
        const socket = socketOf(body.socket)
        // Of more the hub says that they are too many, when they are joined.
        const most = hub?.limits.channels ?? 0
        const sign = (channel: unknown, index: number) =>
          index < most ? signChannel(pusher, session, { prefix, socket, channel }) : null
        return { channels: await Promise.all(listOf(body.channels).map(sign)) }
      },
    },
  })

  return {
    name: 'pusher',
    routes: uplink.routes,
    start: (started) => {
      hub = started
      publisher = createPublisher(pusher, started.environment)
      uplink.start(started)
    },
    publish: async (channel, frame) => {
      const name = nameOf(channel)
      // Nobody can have subscribed to what has no name there.
      if (name === undefined) return
      await publisher?.publish({
        channel: name,
        // The SDK encrypts the JSON of what it is given.
        data: encrypted ? frame.frame : frame.json,
        size: encrypted ? encryptedSize(frame.json) : Buffer.byteLength(frame.json),
      })
    },
    revoke: async (subject) => {
      if (hub) await call(hub.environment, () => pusher.terminateUserConnections(userId(subject)))
    },
    stop: (within) => uplink.stop(within),
  }
}
