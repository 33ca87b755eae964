import type { Connection } from '../connection/connection.ts'
import { type ConnectionOptions, createConnection } from '../connection/create-connection.ts'
import { dialAttempt } from '../connection/dial-attempt.ts'
import type {
  PlainEvent,
  PlainLink,
  PlainProvider,
  PlainTransportSession,
} from '../transport/plain-provider.ts'

/**
 * A connection to a plain server: confirmed as soon as the transport is open. There is no heartbeat (a
 * half-open link is noticed when the provider notices it) and no renewal of the token in place; it is
 * renewed before a reconnect that needs it.
 */
export const createPlainConnection = (
  options: ConnectionOptions & { readonly transport: PlainProvider },
): Connection<PlainLink, PlainEvent> => {
  let session: PlainTransportSession | undefined
  return createConnection({
    ...options,
    dial: (token, events) => {
      session ??= options.transport.open(options.environment)
      let over = false
      const hangUp = dialAttempt(
        session.attempt({ token }),
        (event) => {
          if (over) return
          if (event.type === 'event') events.received(event.event)
          else if (event.type === 'error') events.report(event.error)
          else events.opened(event.link, {})
        },
        events.ended,
      )
      return () => {
        over = true
        hangUp()
      }
    },
    dispose: () => session?.dispose(),
  })
}
