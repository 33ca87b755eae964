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

export const createSequenceBuffer = <T>(bound: number, start: number): SequenceBuffer<T> => {
  const held = new Map<number, T>()
  let next = start

  const release = (ready: T[]): void => {
    while (held.size > 0 && held.has(next)) {
      ready.push(held.get(next) as T)
      held.delete(next++)
    }
  }

  return {
    get next() {
      return next
    },
    get size() {
      return held.size
    },
    offer: (seq, item, ready) => {
      if (seq < next || held.has(seq)) return 'duplicate'
      if (seq > next) {
        if (held.size >= bound) return 'full'
        held.set(seq, item)
        return 'held'
      }
      next++
      ready.push(item)
      release(ready)
      return 'ready'
    },
    skipTo: (seq, ready) => {
      next = seq
      for (const early of held.keys()) if (early < seq) held.delete(early)
      release(ready)
    },
    firstHeld: () => {
      let first: number | undefined
      for (const seq of held.keys()) if (first === undefined || seq < first) first = seq
      return first
    },
    restart: (seq) => {
      next = seq
      // On the hot path: clearing an empty map allocates.
      if (held.size > 0) held.clear()
    },
  }
}
