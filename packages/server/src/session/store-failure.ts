import { SynclineError } from '@syncline/core'
import type { SessionContext } from './session-context.ts'

/** How long a client waits before it asks a store again that did not answer, in milliseconds, about. */
const retryAfter = 1_000

/** What a client is told when the store could not be read; the cause goes to the log. */
export const storeFailure = (context: SessionContext, channel: string, error: unknown): SynclineError => {
  context.logger.error({ channel, error }, 'the store could not be read')
  return new SynclineError('store-unavailable', {
    channel,
    retryAfter: Math.round(retryAfter * (1 + context.environment.random())),
  })
}
