/** Lets so many through a second, the first second's worth at once. */
export interface Rate {
  /** False when the rate is exceeded; nothing is counted then. */
  take(count: number): boolean
}

/**
 * @param perSecond `Infinity` lets everything through
 * @param now milliseconds of a clock
 */
export const createRate = (perSecond: number, now: () => number = () => performance.now()): Rate => {
  let tokens = perSecond
  let at = now()
  return {
    take: (count) => {
      if (perSecond === Number.POSITIVE_INFINITY) return true
      const time = now()
      tokens = Math.min(perSecond, tokens + ((time - at) / 1000) * perSecond)
      at = time
      // A batch above the whole rate may go when the bucket is full, and is paid for afterwards.
      if (tokens < Math.min(count, perSecond)) return false
      tokens -= count
      return true
    },
  }
}
