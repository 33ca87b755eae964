import { Observable, type Subscriber } from 'rxjs'

/**
 * A stream that its owner feeds: what is left of rxjs' `Subject` when nobody hands it on as an observer, at a
 * tenth of its size. Who subscribes after the end is told so at once.
 */
export class Emitter<T> extends Observable<T> {
  readonly #subscribers = new Set<Subscriber<T>>()
  /** The subscribers as an array, until they change: a value on its way reaches those that were there. */
  #reached: readonly Subscriber<T>[] | undefined
  #ended = false

  /** @param joined runs for each new subscriber, who is reached from then on. */
  constructor(joined?: (subscriber: Subscriber<T>) => void) {
    super((subscriber) => {
      if (this.#ended) return subscriber.complete()
      this.#subscribers.add(subscriber)
      this.#reached = undefined
      joined?.(subscriber)
      return () => {
        this.#subscribers.delete(subscriber)
        this.#reached = undefined
      }
    })
  }

  get observed(): boolean {
    return this.#subscribers.size > 0
  }

  next(value: T): void {
    if (this.#ended) return
    this.#reached ??= [...this.#subscribers]
    for (const subscriber of this.#reached) subscriber.next(value)
  }

  complete(): void {
    this.#ended = true
    for (const subscriber of [...this.#subscribers]) subscriber.complete()
  }
}
