/**
 * A token bucket that holds one second's worth.
 *
 * @param now milliseconds of a clock that never goes back
 */
export const createRate = (perSecond: number, now: () => number = () => performance.now()) => {
  let tokens = perSecond
  let last = now()
  return (): boolean => {
    const time = now()
    tokens = Math.min(perSecond, tokens + ((time - last) / 1000) * perSecond)
    last = time
    if (tokens < 1) return false
    tokens -= 1
    return true
  }
}
