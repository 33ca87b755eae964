/** When to try again after failures in a row. */
export interface BackoffOptions {
  /** Upper bound of the first delay, in milliseconds. Default 1,000. */
  readonly firstDelay?: number
  /** How much the bound grows with each failure in a row. Default 2. */
  readonly factor?: number
  /** The bound grows no further than this, in milliseconds. Default 30,000. */
  readonly cap?: number
  /** How many retries in a row before giving up. Default: no limit. */
  readonly limit?: number
}

/**
 * Milliseconds to wait before the `attempt`-th retry (from 1): exponential with full jitter, a uniform choice
 * between 0 and the bound `min(cap, firstDelay × factor^(attempt − 1))` (AWS Architecture Blog, "Exponential
 * Backoff And Jitter", 2015).
 *
 * `retryAfter` (ms, the other side's wish) is a minimum. The jitter goes on top of it and is spread at least
 * as wide as the wait itself, so that a thousand clients told the same do not come in one wave.
 */
export const backoffDelay = (
  options: BackoffOptions,
  attempt: number,
  random: () => number,
  retryAfter = 0,
): number => {
  const { firstDelay = 1_000, factor = 2, cap = 30_000 } = options
  const bound = Math.min(cap, firstDelay * factor ** (attempt - 1))
  return retryAfter + random() * Math.max(bound, retryAfter)
}
