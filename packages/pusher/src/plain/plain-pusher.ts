import {
  type PlainTransport,
  type PlainTransportEvent,
  type PlainTransportSession,
  plainTransportWithPresence,
} from '@syncline/core/plain'
import type { ChannelAuthorizationOptions } from 'pusher-js'
import { Observable } from 'rxjs'
import { createDialer, type Dial } from '../sdk/create-dialer.ts'
import { createSdk } from '../sdk/create-sdk.ts'
import type { PusherSdk, PusherSettings } from '../sdk/pusher-settings.ts'
import { createLink } from './create-link.ts'
import type { PlainPusherClient } from './plain-pusher-client.ts'

/** Options of {@link plainPusher}: those of pusher-js that Syncline does not decide. */
export interface PlainPusherOptions extends PusherSettings {
  /**
   * Who signs private, presence and encrypted channels: an `endpoint` of the app's server, or a `customHandler`, as in
   * pusher-js. An endpoint gets the client's token as `Authorization: Bearer`. Default: POST to `/pusher/auth`.
   */
  readonly channelAuthorization?: Partial<ChannelAuthorizationOptions>
}

/**
 * The transport to Pusher Channels without a hub: public, private, presence, cache and encrypted channels as they are,
 * by their full names. Pusher gives no order to rely on, no ids and no history: what is sent while the link is down is
 * lost, except for the last event of a cache channel. A channel that is refused is told in `errors$`.
 *
 * @example
 * const client = createClient({ transport: plainPusher({ key: 'a1b2c3', cluster: 'eu' }) })
 * client.plain<{ created: Todo }>('private-todos').on('created', (todo) => show(todo))
 */
export const plainPusher = (options: PlainPusherOptions): PlainTransport<true, PlainPusherClient> => {
  if (!options?.key) throw new TypeError('plainPusher: `key` is missing.')
  return plainTransportWithPresence({ name: 'pusher', canSend: true, open: () => createSession(options) })
}

const createSession = ({ channelAuthorization, ...settings }: PlainPusherOptions): PlainTransportSession => {
  let made: { readonly sdk: PusherSdk; readonly dial: Dial } | undefined
  let token: string | undefined
  let connectedBefore = false
  const make = () => {
    const sdk = createSdk(settings, {
      channelAuthorization: {
        endpoint: '/pusher/auth',
        transport: 'ajax',
        headersProvider: () => (token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...channelAuthorization,
      } as ChannelAuthorizationOptions,
    })
    return { sdk, dial: createDialer(sdk) }
  }
  return {
    attempt: (opening) =>
      new Observable<PlainTransportEvent>((subscriber) => {
        token = opening.token
        made ??= make()
        const link = createLink(made.sdk, (event) => subscriber.next(event))
        return made.dial({
          onConnected: () => {
            const continuity = connectedBefore ? 'lost' : 'unknown'
            connectedBefore = true
            subscriber.next({ type: 'open', continuity, link })
          },
          onError: (error, consequence) => {
            if (consequence === 'complaint') subscriber.next({ type: 'error', error })
            else subscriber.error(error)
          },
        })
      }),
    dispose: () => made?.sdk.disconnect(),
  }
}
