import { SynclineError } from '@syncline/core'
import type { PusherSdk } from './pusher-settings.ts'
import { readError } from './read-error.ts'

export interface DialListener {
  /** The link stands. Once. */
  onConnected(): void
  /** The link is over, or never came. `terminated`: on purpose, by the app's server. May be told again. */
  onEnd(error: SynclineError, terminated?: boolean): void
  /** Something that was asked for failed, and the link stands. */
  onComplaint(error: SynclineError): void
}

/** Makes one attempt; returns what hangs up. Never two at a time. */
export type Dial = (listener: DialListener) => () => void

/**
 * Attempts on a client that outlives them. Pusher-js has a retry schedule of its own that cannot be turned off: as soon
 * as it would wait for its next try the attempt is over and the client is told to disconnect. That is left to a
 * microtask, because it tells of the wait before it has begun. After some close codes it sets two timers and forgets
 * one, so it may still come back when nobody asked. What was subscribed is forgotten, or it would be subscribed again
 * before anybody asks.
 */
export const createDialer = (sdk: PusherSdk): Dial => {
  const { connection } = sdk
  let dialing = false
  connection.bind('connecting', () => {
    if (!dialing) queueMicrotask(() => sdk.disconnect())
  })
  return (listener) => {
    let connected = false
    let over = false
    const end = (detail: string) => listener.onEnd(new SynclineError('transport-failed', { detail }))
    const onState = ({ current }: { readonly current: string }) => {
      if (current === 'connected') listener.onConnected()
      else if (current === 'failed')
        listener.onEnd(
          new SynclineError('provider-refused', { detail: 'None of its transports works here.' }),
        )
      else if (current !== 'connecting' || connected) end(`The connection to Pusher is ${current}.`)
      connected = current === 'connected'
    }
    const onError = (told: unknown) => {
      const read = readError(told)
      if (!read) return
      if (read.ends) listener.onEnd(read.error, read.terminated)
      else listener.onComplaint(read.error)
    }
    const onWait = () => end('Pusher could not be reached.')

    // After the hanging up of an earlier attempt.
    queueMicrotask(() => {
      if (over) return
      dialing = true
      connection.bind('error', onError)
      connection.bind('connecting_in', onWait)
      connection.bind('state_change', onState)
      sdk.connect()
      if (connection.state === 'failed') onState({ current: 'failed' })
    })

    return () => {
      over = true
      connection.unbind('error', onError)
      connection.unbind('connecting_in', onWait)
      connection.unbind('state_change', onState)
      queueMicrotask(() => {
        dialing = false
        sdk.disconnect()
        for (const channel of sdk.allChannels()) {
          channel.unbind_all()
          sdk.unsubscribe(channel.name)
        }
      })
    }
  }
}
