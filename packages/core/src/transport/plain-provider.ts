import type { Observable } from 'rxjs'
import type { Environment } from '../environment/environment.ts'
import type { Continuity } from './transport.ts'

/** An event of a server that knows nothing of Syncline. */
export interface PlainEvent {
  /** The channel, where the provider or the `route` option tells it; otherwise undefined. */
  readonly channel?: string | undefined
  readonly event: string
  readonly data: unknown
}

/** How a live plain link is used. A provider without a way to send leaves out `send`. */
export interface PlainLink {
  join?(channel: string): void
  leave?(channel: string): void
  send?(event: PlainEvent): Promise<void>
}

export type PlainTransportEvent =
  | { readonly type: 'open'; readonly continuity: Continuity; readonly link: PlainLink }
  | { readonly type: 'event'; readonly event: PlainEvent }

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
