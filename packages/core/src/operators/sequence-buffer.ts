/** What became of an item that was offered. */
export type Offered = 'ready' | 'held' | 'duplicate' | 'full'

/**
 * Puts numbered items in order: what comes next passes, what comes early is held, what came before is a
 * duplicate. Holds at most `bound` items; when full, an early item is refused and has to come again.
 */
export interface SequenceBuffer<T> {
  /** The number that comes next. */
  readonly next: number
  /** How many early items are held. */
  readonly size: number
  /** Takes an item; it and what it sets free are pushed to `ready`. */
  offer(seq: number, item: T, ready: T[]): Offered
  /** Goes on at `next`, forgetting what is older; what is free now is pushed to `ready`. */
  skipTo(next: number, ready: T[]): void
  /** The lowest number that is held. */
  firstHeld(): number | undefined
  /** Forgets what is held and goes on at `next`. */
  restart(next: number): void
}

/** A class, as there is one for each channel: objects of functions and getters each take ten times the memory. */
class Buffer<T> implements SequenceBuffer<T> {
  next: number
  readonly #bound: number
  /** Made when the first item comes early: few channels ever need it. */
  #held: Map<number, T> | undefined

  constructor(bound: number, start: number) {
    this.#bound = bound
    this.next = start
  }
  get size(): number {
    return this.#held?.size ?? 0
  }
  offer(seq: number, item: T, ready: T[]): Offered {
    if (seq < this.next || this.#held?.has(seq)) return 'duplicate'
    if (seq > this.next) {
      if (this.size >= this.#bound) return 'full'
      this.#held ??= new Map()
      this.#held.set(seq, item)
      return 'held'
    }
    this.next++
    ready.push(item)
    this.#release(ready)
    return 'ready'
  }
  skipTo(seq: number, ready: T[]): void {
    this.next = seq
    for (const early of this.#held?.keys() ?? []) if (early < seq) this.#held?.delete(early)
    this.#release(ready)
  }
  firstHeld(): number | undefined {
    let first: number | undefined
    for (const seq of this.#held?.keys() ?? []) if (first === undefined || seq < first) first = seq
    return first
  }
  restart(seq: number): void {
    this.next = seq
    this.#held = undefined
  }
  #release(ready: T[]): void {
    const held = this.#held
    while (held?.has(this.next)) {
      ready.push(held.get(this.next) as T)
      held.delete(this.next++)
    }
  }
}

export const createSequenceBuffer = <T>(bound: number, start: number): SequenceBuffer<T> =>
  new Buffer(bound, start)
