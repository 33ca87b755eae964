import { type MonoTypeOperatorFunction, Observable } from 'rxjs'
import { createRecent } from './recent.ts'

/**
 * Drops an item whose key was among the last `size` different keys (default 1,000); the oldest key is
 * forgotten first.
 *
 * @example
 * merge(socket$, poll$).pipe(dedupe((message) => message.id)).subscribe(show)
 */
export const dedupe =
  <T>(key: (item: T) => unknown, options: { readonly size?: number } = {}): MonoTypeOperatorFunction<T> =>
  (source) =>
    new Observable((subscriber) => {
      const recent = createRecent<unknown>(options.size)
      return source.subscribe({
        next: (item) => {
          let fresh: boolean
          try {
            fresh = recent.add(key(item))
          } catch (error) {
            subscriber.error(error)
            return
          }
          if (fresh) subscriber.next(item)
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      })
    })
