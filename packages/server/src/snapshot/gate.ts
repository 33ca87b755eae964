/** Who wants in: mutation handlers (from their start to their commit), or readers of a snapshot. */
export type GateSide = 'mutation' | 'snapshot'

interface Waiting {
  readonly side: GateSide
  readonly run: () => void
}

/**
 * Keeps a channel's mutations and its snapshot reads apart, so that a state and its position are read
 * together. Each side shares with its like; sides take turns in the order of arrival, so neither starves.
 */
export class Gate {
  #inside: GateSide = 'mutation'
  #count = 0
  #waiting: Waiting[] = []
  readonly #emptied: () => void

  /** @param emptied called when the last one is out and nobody waits */
  constructor(emptied: () => void = () => {}) {
    this.#emptied = emptied
  }

  /** True when nobody is in and nobody waits. */
  get idle(): boolean {
    return this.#count === 0 && this.#waiting.length === 0
  }

  /** In at once, or false: then `run` is called when it is this one's turn and it is already in. */
  enter(side: GateSide, run: () => void): boolean {
    if (this.#waiting.length === 0 && (this.#count === 0 || this.#inside === side)) {
      this.#inside = side
      this.#count++
      return true
    }
    this.#waiting.push({ side, run })
    return false
  }

  leave(): void {
    this.#count--
    if (this.#count > 0) return
    this.#admit()
    if (this.idle) this.#emptied()
  }

  /** Waits no longer; false: it is in already. Who waited behind it goes in if nothing else is in the way. */
  withdraw(run: () => void): boolean {
    const place = this.#waiting.findIndex((waiting) => waiting.run === run)
    if (place < 0) return false
    this.#waiting.splice(place, 1)
    if (this.#count === 0 || this.#waiting[0]?.side === this.#inside) this.#admit()
    return true
  }

  /** Lets the next ones of one side in. */
  #admit(): void {
    const side = this.#waiting[0]?.side
    if (side === undefined) return
    let next = this.#waiting.findIndex((waiting) => waiting.side !== side)
    if (next < 0) next = this.#waiting.length
    const admitted = this.#waiting.splice(0, next)
    this.#inside = side
    this.#count += admitted.length
    for (const { run } of admitted) run()
  }
}
