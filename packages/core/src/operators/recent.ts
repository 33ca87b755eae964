/** A set that remembers the `size` values (default 1,000) that were added last. */
export interface Recent<T> {
  /** False when the value is known already. */
  add(value: T): boolean
  has(value: T): boolean
}

export const createRecent = <T>(size = 1_000): Recent<T> => {
  const values = new Set<T>()
  /** In the order they came, around and around: a set that is always deleted from is slow to tell its first. */
  const ring: T[] = []
  let at = 0
  return {
    add: (value) => {
      if (values.has(value)) return false
      if (ring.length === size) values.delete(ring[at] as T)
      values.add(value)
      ring[at] = value
      at = (at + 1) % size
      return true
    },
    has: (value) => values.has(value),
  }
}
