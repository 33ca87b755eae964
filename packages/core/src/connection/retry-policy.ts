import type { Environment } from '../environment/environment.ts'
import type { SynclineError } from '../errors/syncline-error.ts'
import { type BackoffOptions, backoffDelay } from '../operators/backoff-delay.ts'
import type { ConnectionEvent } from './connection-state.ts'

/** A session that lived this long (ms) was a good one: failures are counted from the start again. */
const STABLE = 10_000

/** What follows from the end of an attempt or session: the connection's memory between attempts. */
export interface RetryPolicy {
  /** What the error means for the connection, by its code. `fromProvider`: the token provider threw it. */
  after(error: SynclineError, fromProvider: boolean): ConnectionEvent
  opened(): void
  /** Failures so far no longer count. */
  startOver(): void
  /** False while the other side asked for patience. */
  mayHurry(): boolean
  tokenReason(): 'connect' | 'refused'
  /** The provider gave a token as asked. */
  tokenTaken(): void
}

export const createRetryPolicy = (
  environment: Environment,
  backoff: BackoffOptions,
  hasProvider: boolean,
): RetryPolicy => {
  const { limit = Infinity } = backoff
  let failures = 0
  let openedAt = Infinity
  let notBefore = 0
  /** The provider was asked once more since the last good session. */
  let askedAgain = false
  let reason: 'connect' | 'refused' = 'connect'

  const retry = (error: SynclineError): ConnectionEvent => {
    const now = environment.now()
    notBefore = now + (error.retryAfter ?? 0)
    if (!environment.isOnline()) return { type: 'offline' }
    if (++failures > limit) return { type: 'failed', error }
    const retryAt = now + backoffDelay(backoff, failures, environment.random, error.retryAfter)
    return { type: 'lost', attempt: failures, retryAt, error }
  }
  const refuse = (error: SynclineError): ConnectionEvent => {
    reason = 'refused'
    return { type: 'refused', error }
  }

  return {
    after: (error, fromProvider) => {
      if (environment.now() - openedAt >= STABLE) {
        failures = 0
        askedAgain = false
      }
      openedAt = Infinity
      switch (error.code) {
        case 'unauthenticated':
        case 'token-expired':
          if (fromProvider || !hasProvider || askedAgain) return refuse(error)
          askedAgain = true
          reason = 'refused'
          return { type: 'lost', attempt: failures || 1, retryAt: undefined, error }
        case 'identity-mismatch':
        case 'revoked':
        case 'forbidden':
          return refuse(error)
        case 'protocol-version':
        case 'invalid-url':
        case 'provider-refused':
          return { type: 'failed', error }
        default:
          return retry(error)
      }
    },
    opened: () => {
      openedAt = environment.now()
    },
    startOver: () => {
      failures = 0
    },
    mayHurry: () => environment.now() >= notBefore,
    tokenReason: () => reason,
    tokenTaken: () => {
      reason = 'connect'
    },
  }
}
