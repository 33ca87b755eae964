import { Observable } from 'rxjs'
import { Emitter } from '../state/emitter.ts'
import type { State } from '../state/state.ts'

/** A state that is made from others when somebody looks, and told of at most once a turn. */
export interface LazyState<T> extends State<T> {
  /** What it is made from has changed. */
  touch(): void
}

class Lazy<T> extends Observable<T> implements LazyState<T> {
  readonly #changes$ = new Emitter<void>()
  readonly #build: () => T
  #value: T | undefined
  #stale = true
  #told = true

  constructor(build: () => T, onUse: (() => void) | undefined) {
    super((subscriber) => {
      onUse?.()
      let last = this.get()
      subscriber.next(last)
      return this.#changes$.subscribe(() => {
        if (Object.is(last, this.get())) return
        last = this.get()
        subscriber.next(last)
      })
    })
    this.#build = build
  }
  get(): T {
    if (this.#stale) {
      this.#stale = false
      this.#value = this.#build()
    }
    return this.#value as T
  }
  touch(): void {
    this.#stale = true
    if (!this.#told || !this.#changes$.observed) return
    this.#told = false
    queueMicrotask(() => {
      this.#told = true
      this.#changes$.next()
    })
  }
}

/** `onUse` runs at each subscription. */
export const createLazyState = <T>(build: () => T, onUse?: () => void): LazyState<T> => new Lazy(build, onUse)
