import type { Observable } from 'rxjs'
import { Emitter } from './emitter.ts'

/**
 * A value that changes over time: an Observable that emits the current value on subscription and then each
 * change, with `get()` for the current value. Referentially stable between changes.
 */
export interface State<T> extends Observable<T> {
  get(): T
}

/** The writable end, kept by the owner. */
export interface WritableState<T> extends State<T> {
  /** Sets the value; a value that `Object.is` the current one is not emitted. */
  set(value: T): void
  complete(): void
}

class StateEmitter<T> extends Emitter<T> implements WritableState<T> {
  #value: T

  constructor(initial: T) {
    super((subscriber) => subscriber.next(this.#value))
    this.#value = initial
  }
  get(): T {
    return this.#value
  }
  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    this.next(value)
  }
}

export const createState = <T>(initial: T): WritableState<T> => new StateEmitter(initial)
