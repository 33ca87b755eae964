import type { Observable } from 'rxjs'
import type { Environment } from '../environment/environment.ts'
import type { SynclineError } from '../errors/syncline-error.ts'
import type { Continuity } from './transport.ts'

/** An event of a server that knows nothing of Syncline. */
export interface PlainEvent {
  /** The channel, where the provider or the `route` option tells it; otherwise undefined. */
  readonly channel?: string | undefined
  readonly event: string
  readonly data: unknown
}

/** Somebody on a channel by the provider's own presence. What it promises is the provider's word. */
export interface PlainMember<Data = unknown> {
  /** Whom the provider knows it as: Pusher's user id, Ably's client id. */
  readonly id: string
  /** Which of their connections it is, where the provider tells them apart. */
  readonly connection?: string
  readonly data: Data
  /** Whether it is this client. */
  readonly me: boolean
}

export interface PlainPresenceChange<Data = unknown> {
  readonly type: 'enter' | 'update' | 'leave'
  readonly member: PlainMember<Data>
}

/** Gets everybody on the channel whenever that changes, and the change where the provider tells it. */
export type PlainPresenceListener = (members: readonly PlainMember[], change?: PlainPresenceChange) => void

/**
 * How a live plain link is used. A provider without a way to send leaves out `send`; one without presence of its
 * own `watch`, and one whose members enter by joining `enter`, `update` and `exit`.
 */
export interface PlainLink {
  join?(channel: string): void
  leave?(channel: string): void
  send?(event: PlainEvent): Promise<void>
  /** Tells of a channel that is joined: at once if the members are known. Returns the end. */
  watch?(channel: string, listener: PlainPresenceListener): () => void
  /** Enters a channel that is joined; the transport enters again with its later attempts, until `exit`. */
  enter?(channel: string, data: unknown): Promise<void>
  update?(channel: string, data: unknown): Promise<void>
  exit?(channel: string): Promise<void>
}

export type PlainTransportEvent =
  | { readonly type: 'open'; readonly continuity: Continuity; readonly link: PlainLink }
  | { readonly type: 'event'; readonly event: PlainEvent }
  /** Something failed that does not end the link: a channel that was refused, say. */
  | { readonly type: 'error'; readonly error: SynclineError }

/** Like `Transport`, for a plain server: no hello, no positions, no receipts. `CanSend` shows in the client's type. */
export interface PlainProvider<CanSend extends boolean = boolean> {
  readonly name: string
  readonly canSend: CanSend
  open(environment: Environment): PlainTransportSession
}

export interface PlainTransportSession {
  attempt(opening: { readonly token: string | undefined }): Observable<PlainTransportEvent>
  dispose(): void
}
