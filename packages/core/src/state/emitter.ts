import { Observable, type Subscriber } from 'rxjs'

const none: readonly never[] = []

/**
 * A stream that its owner feeds: what is left of rxjs' `Subject` when nobody hands it on as an observer, at a
 * tenth of its size. Who subscribes after the end is told so at once.
 */
export class Emitter<T> extends Observable<T> {
  /** Replaced when it changes, never changed: a value on its way reaches those that were there. */
  #subscribers: readonly Subscriber<T>[] = none
  #ended = false

  /** @param joined runs for each new subscriber, who is reached from then on. */
  constructor(joined?: (subscriber: Subscriber<T>) => void) {
    super((subscriber) => {
      if (this.#ended) return subscriber.complete()
      this.#subscribers = [...this.#subscribers, subscriber]
      joined?.(subscriber)
      return () => {
        this.#subscribers = this.#subscribers.filter((each) => each !== subscriber)
      }
    })
  }

  get observed(): boolean {
    return this.#subscribers.length > 0
  }

  next(value: T): void {
    if (this.#ended) return
    for (const subscriber of this.#subscribers) subscriber.next(value)
  }

  complete(): void {
    this.#ended = true
    for (const subscriber of this.#subscribers) subscriber.complete()
  }
}
