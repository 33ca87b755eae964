import type { Observable } from 'rxjs'
import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'

/** Subscribes to a transport's attempt, where every way to end is an error. Returns the hanging up. */
export const dialAttempt = <E>(
  attempt: Observable<E>,
  next: (event: E) => void,
  ended: (error: SynclineError) => void,
): (() => void) => {
  const subscription = attempt.subscribe({
    next,
    error: (error) => ended(toSynclineError(error, 'transport-failed')),
    complete: () => ended(new SynclineError('transport-failed', { detail: 'The other side hung up.' })),
  })
  return () => subscription.unsubscribe()
}
