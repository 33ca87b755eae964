import { type ErrorDetails, SynclineError } from '@syncline/core'

/**
 * Refuses a mutation for a reason of the app. Throw it from a handler: the write is parked at the client with
 * code `rejected`, nothing of it is committed, and the same write sent again gets the same answer.
 *
 * @param reason For the person: it travels to the client as `detail`.
 * @example
 * if (title === '') throw reject('A todo needs a title.')
 */
export const reject = (reason: string, details: Pick<ErrorDetails, 'issues'> = {}): SynclineError =>
  new SynclineError('rejected', { ...details, detail: reason })

/**
 * Asks for the write to come again. Throw it from a handler when something it needs is away for a moment:
 * the write is not taken, and the client sends it again with all that follow it, after `ms` milliseconds.
 */
export const retryLater = (ms: number): SynclineError => new SynclineError('try-later', { retryAfter: ms })
