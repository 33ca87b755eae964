import { Observable } from 'rxjs'
import type { State } from './state.ts'

class UsedState<T> extends Observable<T> implements State<T> {
  readonly #source: State<T>

  constructor(source: State<T>, onUse: () => void) {
    super((subscriber) => {
      onUse()
      return source.subscribe(subscriber)
    })
    this.#source = source
  }
  get(): T {
    return this.#source.get()
  }
}

/** A state that runs `onUse` at each subscription. */
export const usedState = <T>(source: State<T>, onUse: () => void): State<T> => new UsedState(source, onUse)
