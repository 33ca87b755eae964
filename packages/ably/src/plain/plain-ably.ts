import {
  type EnteringPlainPresence,
  type PlainClient,
  type PlainTransport,
  plainTransportWithPresence,
  type SendingPlainChannel,
} from '@syncline/core/plain'
import { Realtime } from 'ably'
import type { PlainAblyOptions } from './plain-options.ts'
import { createPlainSession } from './plain-session.ts'

/** A channel at Ably: events, publishes that are acknowledged, and Ably's own presence. */
export interface PlainAblyChannel<Events extends object, Sends extends object>
  extends SendingPlainChannel<Events, Sends> {
  /** Ably's presence: needs a token with a client id. */
  readonly presence: EnteringPlainPresence
}

/** What `createClient` makes of {@link plainAbly}. */
export interface PlainAblyClient extends Omit<PlainClient<true>, 'plain'> {
  /** A handle to one channel, attached while somebody listens. Ably has nothing like a connection's own events. */
  plain<Events extends object = Record<string, unknown>, Sends extends object = Record<string, unknown>>(
    channel: string,
  ): PlainAblyChannel<Events, Sends>
}

/**
 * The transport to Ably without a hub. Events are the names of messages, and `send` resolves with Ably's
 * acknowledgement. The token comes from `authCallback` or `authUrl`, else from the client's `token`, which must
 * then be one of Ably's (a JWT, say). A key is not taken: in a browser it would be everybody's.
 *
 * Missed messages come by themselves after a cut of less than two minutes; after a longer one they are lost.
 * `send` rejects with `not-connected`, `forbidden`, `too-large`, `rate-limited`, else with `transport-failed`.
 *
 * @example
 * const client = createClient({ transport: plainAbly({ authUrl: '/ably-token' }) })
 * client.plain<{ created: Todo }>('todos').on('created', (todo) => show(todo))
 */
export const plainAbly = (options: PlainAblyOptions = {}): PlainTransport<true, PlainAblyClient> =>
  plainTransportWithPresence<true, PlainAblyClient>({
    name: 'ably',
    canSend: true,
    open: () => createPlainSession(options, (settings) => new Realtime(settings)),
  })
