import { Observable } from 'rxjs'
import type { State } from './state.ts'

/** A state made from another: emits only what differs from its last value. */
export const mapState = <A, B>(source: State<A>, project: (value: A) => B): State<B> => {
  let from: A
  let value: B
  let known = false
  const get = (): B => {
    const current = source.get()
    if (!known || !Object.is(current, from)) {
      known = true
      from = current
      value = project(current)
    }
    return value
  }
  const state$ = new Observable<B>((subscriber) => {
    let last: B
    let emitted = false
    return source.subscribe({
      next: () => {
        const current = get()
        if (emitted && Object.is(current, last)) return
        emitted = true
        last = current
        subscriber.next(current)
      },
      error: (error) => subscriber.error(error),
      complete: () => subscriber.complete(),
    })
  })
  return Object.assign(state$, { get })
}
