/** A source of chance that gives the same for the same seed, on every machine. */
export interface Chance {
  /** In [0, 1). */
  next(): number
  /** A whole number in [0, count). */
  below(count: number): number
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number
  /** True with this probability. */
  happens(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** A source of its own: what is drawn here changes nothing there. */
  fork(name: string): Chance
}

/** FNV-1a over UTF-16 code units, in 32 bits. */
export const hashText = (text: string, from = 0x811c9dc5): number => {
  let hash = from
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0
  return hash
}

/**
 * Chance from a seed, by splitmix32 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014;
 * the 32-bit finalizer is Chris Wellons' "lowbias32").
 */
export const createChance = (seed: number): Chance => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4294967296
  }
  const below = (count: number): number => Math.floor(next() * count)
  return {
    next,
    below,
    between: (least, most) => least + below(most - least + 1),
    happens: (probability) => next() < probability,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    fork: (name) => createChance(hashText(name, (seed ^ 0x811c9dc5) >>> 0)),
  }
}
