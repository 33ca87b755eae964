import type { SynclineError } from '../errors/syncline-error.ts'
import type { ConnectionStatus } from './connection.ts'

/** What can happen to a connection. */
export type ConnectionEvent =
  /** The app wants to be connected; `await-network`: it does, while there is no network. */
  | { readonly type: 'connect' | 'await-network' }
  /** The app wants a try now. */
  | { readonly type: 'retry' }
  /** The wait is over. */
  | { readonly type: 'due' }
  /** The session is open and confirmed. */
  | { readonly type: 'opened' }
  /** A passing failure: the next try is at `retryAt`, or at once. */
  | {
      readonly type: 'lost'
      readonly attempt: number
      readonly retryAt: number | undefined
      readonly error: SynclineError
    }
  /** The token was refused, or there is none. */
  | { readonly type: 'refused'; readonly error: SynclineError }
  /** Trying again would not help. */
  | { readonly type: 'failed'; readonly error: SynclineError }
  | { readonly type: 'online' | 'offline' }
  | { readonly type: 'disconnect' | 'close' }

/** The status with `reconnecting` taken apart: `waiting` for the next try, or trying. */
export type ConnectionPhase = ConnectionStatus['at'] | 'waiting'

export const phaseOf = (status: ConnectionStatus): ConnectionPhase =>
  status.at === 'reconnecting' && status.retryAt !== undefined ? 'waiting' : status.at

type Row = { readonly [E in ConnectionEvent['type']]?: ConnectionStatus['at'] }

const ends: Row = { disconnect: 'idle', close: 'closed' }
const losses: Row = {
  ...ends,
  lost: 'reconnecting',
  refused: 'needs-auth',
  failed: 'failed',
  offline: 'offline',
}
const dialling: Row = { ...losses, opened: 'connected' }
const paused: Row = { ...ends, retry: 'connecting' }

/** From each phase, where each event leads; what is not here changes nothing. */
const table: { readonly [P in ConnectionPhase]: Row } = {
  idle: { connect: 'connecting', 'await-network': 'offline', close: 'closed' },
  connecting: dialling,
  connected: losses,
  reconnecting: dialling,
  waiting: {
    ...ends,
    due: 'reconnecting',
    retry: 'reconnecting',
    online: 'reconnecting',
    offline: 'offline',
  },
  offline: { ...paused, online: 'connecting' },
  'needs-auth': paused,
  failed: paused,
  closed: {},
}

/** The connection's next status; the very same object when the event changes nothing. */
export const transition = (status: ConnectionStatus, event: ConnectionEvent): ConnectionStatus => {
  const { type, ...details } = event
  const at = table[phaseOf(status)][type]
  if (at === undefined) return status
  return { ...(status.at === at && { ...status, retryAt: undefined }), at, ...details } as ConnectionStatus
}
