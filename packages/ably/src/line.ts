import type { Continuity, SynclineError } from '@syncline/core'
import type { ConnectionStateChange, ErrorInfo, RealtimeClient } from 'ably'
import { ablyError } from './ably-error.ts'

/** What an attempt hears of the connection. */
export interface LineListener {
  /** Connected, for the first time or again with a new token. */
  connected(continuity: Continuity): void
  ended(error: SynclineError): void
}

/** The connection of an SDK client that outlives its attempts. */
export interface Line {
  /** One attempt: `connect` makes the SDK dial. Returns the hanging up. */
  dial(listener: LineListener, connect: () => void): () => void
}

/** What is used of the SDK beyond its types; it may be missing. */
interface Inside {
  readonly connectionManager?: {
    notifyState?(change: { readonly state: string }): void
    disconnectAllTransports?(): void
  }
}

/**
 * Lets go of the network. `suspended` keeps what Ably resumes by (the SDK's RTN8d, RTL15b2) and, unlike
 * `disconnected`, is not followed by a retry; the public `close()` would give it up, and is the way only where the
 * SDK has changed inside.
 */
const hangUp = ({ connection }: RealtimeClient): void => {
  const { connectionManager: manager } = connection as Inside
  if (manager?.notifyState && manager.disconnectAllTransports) {
    manager.notifyState({ state: 'suspended' })
    manager.disconnectAllTransports()
  } else connection.close()
}

/** 4014x: a token that has expired, was revoked or does not do (RSA4b). */
export const isTokenError = (reason: ErrorInfo | undefined): boolean =>
  reason !== undefined && reason.code >= 40_140 && reason.code < 40_150

/**
 * @param renews whether the SDK can get itself another token: then one that is refused is replaced within the
 *   attempt, once in a row, by the immediate retry that the SDK makes anyway
 */
export const createLine = (realtime: RealtimeClient, renews: boolean): Line => {
  const { connection } = realtime
  let hear: ((change: ConnectionStateChange) => void) | undefined
  connection.on((change) => {
    if (hear) hear(change)
    // The SDK dials by itself when a browser says that it is online.
    else if (change.current === 'connecting' || change.current === 'connected') hangUp(realtime)
  })
  return {
    dial: (listener, connect) => {
      const { id } = connection
      let dialled = false
      let renewing = false
      const hearThis = ({ current, reason }: ConnectionStateChange) => {
        // What comes before belongs to the attempt before: the SDK tells it a tick late.
        if (current === 'connecting') dialled = true
        else if (!dialled) return
        else if (current === 'connected') {
          renewing = false
          listener.connected(id === undefined ? 'unknown' : connection.id === id ? 'resumed' : 'lost')
        } else if (current === 'disconnected' && renews && !renewing && isTokenError(reason)) {
          renewing = true
          connection.connect()
        } else listener.ended(endOf(current, reason))
      }
      hear = hearThis
      connect()
      return () => {
        if (hear !== hearThis) return
        hear = undefined
        hangUp(realtime)
      }
    },
  }
}

const endOf = (state: string, reason: ErrorInfo | undefined): SynclineError =>
  ablyError(`Ably's connection is ${state}`, reason, state === 'failed' ? 'provider-refused' : undefined)
