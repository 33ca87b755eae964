import { toSynclineError } from '../errors/syncline-error.ts'
import type { PlainTransportEvent } from '../transport/plain-provider.ts'

/** The channel that an event of a plain server belongs to; undefined: every channel hears it. */
export type PlainRoute = (event: string, data: unknown) => string | undefined

/** An event for the channel that the app says. Where its `route` throws, an error `malformed-frame` in its place. */
export const routed = (route: PlainRoute | undefined, event: string, data: unknown): PlainTransportEvent => {
  try {
    return { type: 'event', event: { channel: route?.(event, data), event, data } }
  } catch (thrown) {
    return { type: 'error', error: toSynclineError(thrown, 'malformed-frame') }
  }
}
