import { Buffer } from 'node:buffer'
import { createUplinkSessions, type Gateway, type GatewayHub } from '@syncline/server'
import type Pusher from 'pusher'
import { type AuthorizeAnswer, type EnterAnswer, type Provided, wakeChannel } from '../wire.ts'
import { checkEncryption, encryptedSize, nameAtPusher, namesOf, socketOf, userId } from './at-pusher.ts'
import { createPublisher, type Publisher } from './create-publisher.ts'
import { call } from './pusher-call.ts'

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
  const provided: Provided = { prefix: encrypted ? 'private-encrypted-syncline-' : 'private-syncline-' }
  if (encrypted) checkEncryption(pusher, provided.prefix)
  let hub: GatewayHub | undefined
  let publisher: Publisher | undefined

  const uplink = createUplinkSessions({
    name: 'pusher',
    wake: ({ wakeId }) => publisher?.wake(wakeChannel(wakeId)),
    provided: () => provided,
    actions: {
      enter: async (session, { socket }): Promise<EnterAnswer> => {
        const { subject } = await session.grant()
        return {
          user: pusher.authenticateUser(socketOf(socket), { id: userId(subject) }),
          wake: pusher.authorizeChannel(socketOf(socket), wakeChannel(session.wakeId)),
        }
      },
      authorize: async (session, { socket, channels }): Promise<AuthorizeAnswer> => {
        const id = socketOf(socket)
        const sign = async (channel: string) => {
          const name = nameAtPusher(provided.prefix, channel)
          if (name === undefined) return null
          try {
            await session.grant(channel)
          } catch {
            // The hub says why when the join comes.
            return null
          }
          return pusher.authorizeChannel(id, name)
        }
        return { channels: await Promise.all(namesOf(channels).map(sign)) }
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
      const name = nameAtPusher(provided.prefix, channel)
      // Nobody can have subscribed to what has no name there.
      if (name === undefined || !publisher) return
      await publisher.publish({
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
