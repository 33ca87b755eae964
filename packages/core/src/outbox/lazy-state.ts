import { Observable } from 'rxjs'
import { Emitter } from '../state/emitter.ts'
import type { State } from '../state/state.ts'

/** A state that is made from others when somebody looks, and told of at most once a turn. */
export interface LazyState<T> extends State<T> {
  /** What it is made from has changed. */
  touch(): void
}

/** `onUse` runs at each subscription. */
export const createLazyState = <T>(build: () => T, onUse: () => void = () => {}): LazyState<T> => {
  const changes$ = new Emitter<void>()
  let value: T
  let stale = true
  let told = true

  const get = (): T => {
    if (stale) {
      stale = false
      value = build()
    }
    return value
  }
  const tell = (): void => {
    told = true
    changes$.next()
  }
  const state$ = new Observable<T>((subscriber) => {
    onUse()
    let last = get()
    subscriber.next(last)
    return changes$.subscribe(() => {
      if (Object.is(last, get())) return
      last = value
      subscriber.next(last)
    })
  })
  const touch = (): void => {
    stale = true
    if (!told || !changes$.observed) return
    told = false
    queueMicrotask(tell)
  }
  return Object.assign(state$, { get, touch })
}
