import type { Observable } from 'rxjs'
import type { Environment } from '../environment/environment.ts'
import type { ClientFrame } from '../protocol/frames.ts'

/** What the provider says of its own continuity since the last attempt. A hint only: heads decide. */
export type Continuity = 'resumed' | 'lost' | 'unknown'

/** What an attempt delivers first to the other side. */
export interface Opening {
  /** The session's token. Never put it in a URL. */
  readonly token: string | undefined
  /** Hello and joins: delivered before anything else. */
  readonly frames: readonly ClientFrame[]
}

export type TransportEvent =
  /**
   * The link carries frames both ways. `send` never throws and keeps order; a failed send errors the attempt. Frames
   * are for `JSON.stringify`, or for `encodeClientFrame` of `@syncline/core/protocol`, which makes no JSON twice.
   */
  | { readonly type: 'open'; readonly continuity: Continuity; send(frames: readonly ClientFrame[]): void }
  /** Frames as they came, not yet validated; one array for each delivery. */
  | { readonly type: 'frames'; readonly frames: readonly unknown[] }

/**
 * Moves frames over one provider; no retry, ordering, merging or queue inside. Inert until `open`.
 */
export interface Transport {
  readonly kind: 'hub'
  /** For status and logs: `socket.io`, `sse`, … */
  readonly name: string
  open(environment: Environment): TransportSession
}

/** Outlives its attempts, so that an SDK can keep continuity between them. */
export interface TransportSession {
  /**
   * A cold observable: subscribe dials, unsubscribe hangs up, error (a `SynclineError`) says why it ended;
   * an end asked for by the other side is an error too (`transport-failed`). Never two at a time.
   */
  attempt(opening: Opening): Observable<TransportEvent>
  /** Ends the session and frees everything. */
  dispose(): void
}
