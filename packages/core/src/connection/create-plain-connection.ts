import type {
  PlainEvent,
  PlainLink,
  PlainTransport,
  PlainTransportSession,
} from '../transport/plain-transport.ts'
import type { Connection } from './connection.ts'
import { type ConnectionOptions, createConnection } from './create-connection.ts'
import { dialAttempt } from './dial-attempt.ts'

/**
 * A connection to a plain server: confirmed as soon as the transport is open. There is no heartbeat (a
 * half-open link is noticed when the provider notices it) and no renewal of the token in place; it is
 * renewed before a reconnect that needs it.
 */
export const createPlainConnection = (
  options: ConnectionOptions & { readonly transport: PlainTransport },
): Connection<PlainLink, PlainEvent> => {
  let session: PlainTransportSession | undefined
  return createConnection({
    ...options,
    dial: (token, events) => {
      session ??= options.transport.open(options.environment)
      return dialAttempt(
        session.attempt({ token }),
        (event) => {
          if (event.type === 'event') events.received(event.event)
          else events.opened(event.link, {})
        },
        events.ended,
      )
    },
    dispose: () => session?.dispose(),
  })
}
