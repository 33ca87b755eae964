import { Observable } from 'rxjs'
import type { State } from './state.ts'

/** A state that runs `onUse` at each subscription. */
export const usedState = <T>(source: State<T>, onUse: () => void): State<T> =>
  Object.assign(
    new Observable<T>((subscriber) => {
      onUse()
      return source.subscribe(subscriber)
    }),
    { get: () => source.get() },
  )
