import { SynclineError } from '@syncline/core'
import type { PusherSdk } from './pusher-settings.ts'
import { type Consequence, readError } from './read-error.ts'

export interface DialListener {
  /** The link stands. Once. */
  onConnected(): void
  /** May come again after the end. */
  onError(error: SynclineError, consequence: Consequence): void
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
  return ({ onConnected, onError }) => {
    let connected = false
    let over = false
    const end = (state: string) =>
      onError(
        // Failed: none of its transports works here.
        new SynclineError(state === 'failed' ? 'provider-refused' : 'transport-failed', {
          detail: `Pusher: ${state}`,
        }),
        'over',
      )
    const onState = ({ current }: { readonly current: string }) => {
      if (current === 'connected') {
        connected = true
        onConnected()
      } else if (current !== 'connecting' || connected) end(current)
    }
    const listeners: Readonly<Record<string, (told: never) => void>> = {
      error: (told) => {
        const read = readError(told)
        if (read) onError(...read)
      },
      connecting_in: () => end('lost'),
      state_change: onState,
    }

    // After the hanging up of an earlier attempt.
    queueMicrotask(() => {
      if (over) return
      dialing = true
      for (const event in listeners) connection.bind(event, listeners[event] as () => void)
      sdk.connect()
      onState({ current: connection.state })
    })

    return () => {
      over = true
      for (const event in listeners) connection.unbind(event, listeners[event])
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
