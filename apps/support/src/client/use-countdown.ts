import { useLayoutEffect, useState } from 'react'

/** The backoff's longest wait, in milliseconds: only a clock that was set just now makes it more. */
const longest = 30_000

/** Whole seconds until `at` (ms since 1970), counted down while it is shown, also when the clock is set meanwhile. */
export const useCountdown = (at: number | undefined): number | undefined => {
  const [left, setLeft] = useState<number>()
  useLayoutEffect(() => {
    if (at === undefined) return
    // By the clock that timers go by: nobody can set it.
    const end = performance.now() + Math.min(longest, at - Date.now())
    const tick = () => setLeft(Math.max(0, Math.ceil((end - performance.now()) / 1_000)))
    tick()
    const timer = setInterval(tick, 250)
    return () => clearInterval(timer)
  }, [at])
  return at === undefined ? undefined : left
}
