import type { Environment, Opening, Transport, TransportEvent, TransportSession } from '@syncline/core'
import { Observable } from 'rxjs'
import { type Attempt, startAttempt } from './attempt.ts'
import { createDialer, type Dial } from './sdk/create-dialer.ts'
import { createSdk } from './sdk/create-sdk.ts'
import type { PusherSdk, PusherSettings } from './sdk/pusher-settings.ts'

/** Options of {@link pusher}: its own, and those of pusher-js that Syncline does not decide. */
export interface PusherOptions extends PusherSettings {
  /** Whether cookies go along to the hub. Default `same-origin`, as with `fetch`. */
  readonly credentials?: RequestCredentials
  /** More headers for every request to the hub; a function is asked before each. Default: none. */
  readonly headers?: Record<string, string> | (() => Record<string, string>)
}

/**
 * The transport to a hub over Pusher Channels: Pusher brings what is for a whole channel, and everything else goes
 * over HTTP to the hub, with the token in the `Authorization` header. Attempts error with `transport-failed`, with
 * what the hub answered, with `too-many-connections` when Pusher's quota is used up, and with `provider-refused`,
 * which is not tried again, when Pusher does not know the key or the app is disabled.
 *
 * @param url where the hub's handler is served. Absolute outside of browsers
 * @example
 * createClient({ transport: pusher('https://example.com/syncline', { key: 'a1b2c3', cluster: 'eu' }) })
 */
export const pusher = (url: string, options: PusherOptions): Transport => {
  if (!options?.key) throw new TypeError('pusher: no `key`.')
  return {
    kind: 'hub',
    name: 'pusher',
    open: (environment) => createSession(`${url.replace(/\/$/, '')}/pusher`, options, environment),
  }
}

const createSession = (url: string, options: PusherOptions, environment: Environment): TransportSession => {
  let made: { readonly sdk: PusherSdk; readonly dial: Dial } | undefined
  let current: Attempt | undefined
  // Made by the first attempt, because it connects.
  const make = () => {
    const sdk = createSdk(options, {
      channelAuthorization: {
        customHandler: ({ channelName }, callback) =>
          callback(null, current?.signature(channelName) ?? { auth: '' }),
      },
      userAuthentication: {
        customHandler: (_, callback) => void current?.user.then((user) => callback(null, user)),
      },
    })
    return { sdk, dial: createDialer(sdk) }
  }
  const attempt = ({ token, frames }: Opening) =>
    new Observable<TransportEvent>((subscriber) => {
      made ??= make()
      const attempt = startAttempt({
        ...made,
        uplink: { ...options, url, environment, token },
        frames,
        subscriber,
      })
      current = attempt
      return attempt.end
    })
  return {
    attempt,
    dispose: () => {
      made?.sdk.disconnect()
      // The SDK keeps its clients for as long as the page lives, by their listeners for the network: then without ours.
      current = undefined
    },
  }
}
