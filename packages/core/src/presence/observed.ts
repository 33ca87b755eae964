import { Observable } from 'rxjs'
import type { State } from '../state/state.ts'
import type { Usage } from '../state/usage.ts'

/** A state that is in use while it is subscribed to. */
export const observed = <T>(source: State<T>, usage: Usage): State<T> =>
  Object.assign(
    new Observable<T>((subscriber) => {
      const leave = usage.enter()
      const subscription = source.subscribe(subscriber)
      return () => {
        subscription.unsubscribe()
        leave()
      }
    }),
    { get: () => source.get() },
  )
