import type { Observable } from 'rxjs'
import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import { direct } from '../state/direct.ts'

/**
 * Subscribes to a transport's attempt, where every way to end is an error. Returns the hanging up.
 *
 * @param next must not throw, and may hear of what comes late
 */
export const dialAttempt = <E>(
  attempt: Observable<E>,
  next: (event: E) => void,
  ended: (error: SynclineError) => void,
): (() => void) => {
  const subscription = attempt.subscribe(
    direct(next, {
      error: (error) => ended(toSynclineError(error, 'transport-failed')),
      complete: () => ended(new SynclineError('transport-failed', { detail: 'It hung up.' })),
    }),
  )
  return () => subscription.unsubscribe()
}
