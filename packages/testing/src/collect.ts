import { BehaviorSubject, type Observable } from 'rxjs'
import { until, type WaitOptions } from './until.ts'

/** Everything that an observable has emitted so far. */
export interface Collected<T> {
  readonly values: readonly T[]
  /** Resolves once the list is as wanted; rejects with the list in its message. */
  until(wanted: (values: readonly T[]) => boolean, options?: WaitOptions): Promise<readonly T[]>
  stop(): void
}

/**
 * Subscribes and keeps what comes.
 *
 * @example
 * const messages = collect(channel.messages$)
 * await messages.until(({ length }) => length === 3)
 */
export const collect = <T>(source$: Observable<T>): Collected<T> => {
  const values: T[] = []
  const changes$ = new BehaviorSubject<readonly T[]>(values)
  const subscription = source$.subscribe({
    next: (value) => {
      values.push(value)
      changes$.next(values)
    },
    error: (error) => changes$.error(error),
  })
  return {
    values,
    until: (wanted, options) => until(changes$, wanted, options),
    stop: () => subscription.unsubscribe(),
  }
}
