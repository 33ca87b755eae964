import type { Anchor } from '../protocol/position.ts'

/** What a view needs to start from. */
export interface Need {
  at: Anchor | undefined
  readonly snapshot: boolean
  /** `at` is still being read from storage. */
  loading: boolean
}

/** What the views of one channel need, together. */
export interface Needs {
  readonly loading: boolean
  /** Some view starts from a snapshot when it cannot go on. */
  readonly snapshot: boolean
  /** The position to join at: the oldest, in the epoch that was named last. */
  readonly oldest: Anchor | undefined
  add(need: Need): () => void
  has(need: Need): boolean
}

const reaches = (at: Anchor | undefined, { epoch, seq, id }: Anchor): boolean =>
  at?.epoch === epoch && (at.seq > seq || (at.seq === seq && at.id === id))

/** True when a channel that goes on after `start` does not give this need all that it misses. */
export const isUnserved = ({ at, snapshot, loading }: Need, start: Anchor): boolean =>
  snapshot && !loading && !reaches(at, start)

class KnownNeeds implements Needs, Iterable<Need> {
  /** Made for the first view: a channel without one has none. */
  #needs: Set<Need> | undefined

  get loading(): boolean {
    for (const { loading } of this) if (loading) return true
    return false
  }
  get snapshot(): boolean {
    for (const { snapshot } of this) if (snapshot) return true
    return false
  }
  get oldest(): Anchor | undefined {
    let oldest: Anchor | undefined
    for (const { at } of this) if (at && (at.epoch !== oldest?.epoch || at.seq < oldest.seq)) oldest = at
    return oldest
  }
  add(need: Need): () => void {
    this.#needs ??= new Set()
    const needs = this.#needs.add(need)
    return () => void needs.delete(need)
  }
  has(need: Need): boolean {
    return this.#needs?.has(need) ?? false
  }
  [Symbol.iterator](): Iterator<Need> {
    return (this.#needs ?? [])[Symbol.iterator]()
  }
}

export const createNeeds = (): Needs & Iterable<Need> => new KnownNeeds()
