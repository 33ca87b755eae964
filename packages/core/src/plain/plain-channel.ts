import type { Observable } from 'rxjs'

/** A channel of a plain server: events as they come, without positions, history or receipts. */
export interface PlainChannel<Events extends object> {
  /** The channel; undefined for the whole connection. */
  readonly name: string | undefined
  /** Listens; returns the unsubscribe. Without a listener: an Observable. Missed events are not made up for. */
  on<E extends keyof Events & string>(event: E, listener: (data: Events[E]) => void): () => void
  on<E extends keyof Events & string>(event: E): Observable<Events[E]>
}

/** A channel of a plain server to which clients can send. */
export interface SendingPlainChannel<Events extends object, Sends extends object>
  extends PlainChannel<Events> {
  /**
   * Sends at once or not at all: there is no outbox, nothing is queued or sent again. Resolves when the
   * provider took it, which says nothing of the server. Rejects with `not-connected`, or with the provider's
   * own failure.
   */
  send<E extends keyof Sends & string>(event: E, data: Sends[E]): Promise<void>
}

/** The channel by whether the transport can send. */
export interface PlainChannels<Events extends object, Sends extends object> {
  readonly true: SendingPlainChannel<Events, Sends>
  readonly false: PlainChannel<Events>
}
