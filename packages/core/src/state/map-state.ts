import { Observable } from 'rxjs'
import type { State } from './state.ts'

/** Is no value that a state could have. */
const none = {}

/** A state made from another: emits only what differs from its last value. */
export const mapState = <A, B>(source: State<A>, project: (value: A) => B): State<B> => {
  let from: unknown = none
  let value: B
  const get = (): B => {
    const current = source.get()
    if (!Object.is(current, from)) {
      from = current
      value = project(current)
    }
    return value
  }
  const state$ = new Observable<B>((subscriber) => {
    let last: unknown = none
    return source.subscribe({
      next: () => {
        const current = get()
        if (Object.is(current, last)) return
        last = current
        subscriber.next(current)
      },
      error: (error) => subscriber.error(error),
      complete: () => subscriber.complete(),
    })
  })
  return Object.assign(state$, { get })
}
