import type { Continuity, ErrorCode } from '@syncline/core'
import type { ErrorInfo, RealtimeClient } from 'ably'

/** Connected, for the first time or again with a new token. */
type OnConnected = (continuity: Continuity) => void
/** `code` where more is known than that the connection ended. */
type OnEnded = (reason: ErrorInfo | undefined, code?: ErrorCode) => void

/** The connection of an SDK client that outlives its attempts. */
export interface Line {
  /** One attempt: `connect` makes the SDK dial. Returns the hanging up. */
  dial(connect: () => void, onConnected: OnConnected, onEnded: OnEnded): () => void
}

/** What is used of the SDK beyond its types; it may be missing. */
interface Inside {
  readonly connectionManager?: {
    notifyState?(change: { readonly state: string }): void
    disconnectAllTransports(): void
  }
}

/**
 * Lets go of the network. `suspended` keeps what Ably resumes by (the SDK's RTN8d, RTL15b2) and, unlike
 * `disconnected`, is not followed by a retry; the public `close()` would give it up, and is the way only where the
 * SDK has changed inside.
 */
const hangUp = ({ connection }: RealtimeClient): void => {
  const { connectionManager: manager } = connection as Inside
  if (manager?.notifyState) {
    manager.notifyState({ state: 'suspended' })
    manager.disconnectAllTransports()
  } else connection.close()
}

/** 4014x: a token that has expired, was revoked or does not do (RSA4b). */
export const isTokenError = (reason: ErrorInfo | undefined): boolean =>
  /^4014/.test(reason?.code as unknown as string)

/** A token that Ably refuses is replaced within the attempt, once in a row, as the SDK would do in any case. */
export const createLine = (realtime: RealtimeClient): Line => {
  const { connection } = realtime
  let hear: OnConnected | undefined
  let end: OnEnded
  let before: string | undefined
  let dialled: boolean
  let renewing: boolean
  connection.on(({ current, reason }) => {
    if (!hear) {
      // The SDK dials by itself when a browser says that it is online.
      if (/^connect/.test(current)) hangUp(realtime)
    } else if (current === 'connecting') dialled = true
    // What comes before belongs to the attempt before: the SDK tells it a tick late.
    else if (dialled) {
      if (current === 'connected') {
        renewing = false
        hear(connection.id === before ? 'resumed' : before ? 'lost' : 'unknown')
      } else if (current === 'disconnected' && !renewing && isTokenError(reason)) {
        renewing = true
        connection.connect()
      } else end(reason, current === 'failed' ? 'provider-refused' : undefined)
    }
  })
  return {
    dial: (connect, onConnected, onEnded) => {
      hear = onConnected
      end = onEnded
      before = connection.id
      dialled = renewing = false
      connect()
      return () => {
        hear = undefined
        hangUp(realtime)
      }
    },
  }
}
