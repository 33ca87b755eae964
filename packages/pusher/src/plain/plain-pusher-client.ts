import type { PlainChannel, PlainClient, PlainPresence } from '@syncline/core/plain'

/**
 * A channel on which clients may send to one another: events whose names begin with `client-`, ten a second and
 * connection, to everybody but the sender. Nothing acknowledges them, and what goes beyond the limit is lost and told
 * in `errors$`.
 */
export interface ClientEventChannel<Events extends object, Sends extends object>
  extends PlainChannel<Events> {
  /**
   * Hands an event to Pusher, or does not: there is no outbox. Rejects with `not-connected` while the channel is not
   * subscribed (listen to it first), and with `publish-forbidden` where clients may not send.
   */
  send<E extends keyof Sends & `client-${string}`>(event: E, data: Sends[E]): Promise<void>
}

/** A presence channel: who joins it is a member, as the app's own authorisation says. */
export interface PresentChannel<Events extends object, Sends extends object, Data>
  extends ClientEventChannel<Events, Sends> {
  /**
   * By person: several connections of one are one member, who never changes while there. At most 100, with `user_info`
   * of at most 1 kB each, as `data`.
   */
  readonly presence: PlainPresence<Data>
}

/** A client of Pusher alone. What a channel can do shows in its type, by the prefix of its name. */
export interface PlainPusherClient extends Omit<PlainClient<false>, 'plain'> {
  /** Encrypted: only the app's server sends. */
  plain<Events extends object = Record<string, unknown>>(
    channel: `private-encrypted-${string}`,
  ): PlainChannel<Events>
  plain<
    Events extends object = Record<string, unknown>,
    Sends extends object = Record<`client-${string}`, unknown>,
    Data = unknown,
  >(channel: `presence-${string}`): PresentChannel<Events, Sends, Data>
  plain<
    Events extends object = Record<string, unknown>,
    Sends extends object = Record<`client-${string}`, unknown>,
  >(channel: `private-${string}`): ClientEventChannel<Events, Sends>
  /** Public: only the app's server sends. Without a name: every event of every channel that is joined. */
  plain<Events extends object = Record<string, unknown>>(channel?: string): PlainChannel<Events>
}
