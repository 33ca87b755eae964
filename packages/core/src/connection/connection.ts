import type { Observable } from 'rxjs'
import type { SynclineError } from '../errors/syncline-error.ts'
import type { State } from '../state/state.ts'

/** Where the connection stands. */
export type ConnectionStatus =
  /** Nothing was used yet, or nothing is used any more. */
  | { readonly at: 'idle' }
  | { readonly at: 'connecting' }
  | { readonly at: 'connected' }
  /**
   * Waiting for the `attempt`-th retry (`retryAt`, ms since 1970), or at it (`retryAt` undefined). `attempt`
   * starts at 1 again once a session has lived for 10 s.
   */
  | {
      readonly at: 'reconnecting'
      readonly attempt: number
      readonly retryAt: number | undefined
      readonly error: SynclineError
    }
  /**
   * The platform says that there is no network; goes on by itself when it is back. `retryNow()` dials
   * nevertheless: a hub on this machine needs no network.
   */
  | { readonly at: 'offline' }
  /** The token was refused: waits for `retryNow()` or a new client, without burning retries. */
  | { readonly at: 'needs-auth'; readonly error: SynclineError }
  /** Retries are used up, or an error that retrying cannot mend. `retryNow()` starts over. */
  | { readonly at: 'failed'; readonly error: SynclineError }
  | { readonly at: 'closed' }

/**
 * One connection over any transport: dials, backs off, watches the heartbeat, brings the token.
 * `In` and `Link` are the transport's: frames of a hub, or events of a plain server.
 */
export interface Connection<Session, In> {
  readonly status$: State<ConnectionStatus>
  /** Emits each time that a session is open and confirmed (hub: after `welcome`); `undefined` while there is none. */
  readonly session$: State<Session | undefined>
  /** What came in, in order, after the session's opening. */
  readonly incoming$: Observable<In>
  /** Failures that did not end anything (malformed frames, hub `error` frames) and those that ended attempts. */
  readonly errors$: Observable<SynclineError>
  /** Dials unless it did already. */
  connect(): void
  /** Tries now: ends the wait, or leaves `needs-auth` and `failed`. */
  retryNow(): void
  /** Hangs up and goes to `idle`; `connect` dials again. */
  disconnect(): void
  close(): void
}
