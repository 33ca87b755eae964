/** A set that remembers the `size` values (default 1,000) that were added last. */
export interface Recent<T> {
  /** False when the value is known already. */
  add(value: T): boolean
  has(value: T): boolean
}

export const createRecent = <T>(size = 1_000): Recent<T> => {
  const values = new Set<T>()
  return {
    add: (value) => {
      if (values.has(value)) return false
      values.add(value)
      if (values.size > size) values.delete(values.values().next().value as T)
      return true
    },
    has: (value) => values.has(value),
  }
}
