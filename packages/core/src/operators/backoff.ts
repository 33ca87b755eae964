import { type MonoTypeOperatorFunction, Observable, type Subscription } from 'rxjs'
import { createDefaultEnvironment } from '../environment/default-environment.ts'
import type { Environment } from '../environment/environment.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import { type BackoffOptions, backoffDelay } from './backoff-delay.ts'

/** Options of the {@link backoff} operator. */
export interface BackoffOperatorOptions extends BackoffOptions {
  /** Which errors are worth a retry; the others pass through at once. Default: all. */
  readonly retryIf?: (error: unknown) => boolean
  /** Where time and chance come from. Default: those of the platform. */
  readonly environment?: Pick<Environment, 'setTimer' | 'random'>
}

/**
 * Subscribes again when the source fails, after exponential delays with full jitter. The count of failures
 * in a row starts again with each value. A `SynclineError` with `retryAfter` is waited for at least that
 * long. When `limit` is used up, the last error passes through. Needs no client and no hub.
 *
 * @example
 * fromFetch('/prices').pipe(backoff({ cap: 10_000, limit: 5 })).subscribe(show)
 */
export const backoff =
  <T>(options: BackoffOperatorOptions = {}): MonoTypeOperatorFunction<T> =>
  (source) =>
    new Observable<T>((subscriber) => {
      const environment = options.environment ?? createDefaultEnvironment()
      const { limit = Infinity, retryIf = () => true } = options
      let failures = 0
      let subscription: Subscription | undefined
      let cancelTimer: (() => void) | undefined

      const retry = (error: unknown) => {
        failures++
        if (failures > limit || !retryIf(error)) return subscriber.error(error)
        const retryAfter = error instanceof SynclineError ? error.retryAfter : undefined
        cancelTimer = environment.setTimer(
          backoffDelay(options, failures, environment.random, retryAfter),
          attempt,
        )
      }
      const attempt = () => {
        cancelTimer = undefined
        subscription = source.subscribe({
          next: (value) => {
            failures = 0
            subscriber.next(value)
          },
          error: retry,
          complete: () => subscriber.complete(),
        })
        if (subscriber.closed) subscription.unsubscribe()
      }

      attempt()
      return () => {
        cancelTimer?.()
        subscription?.unsubscribe()
      }
    })
