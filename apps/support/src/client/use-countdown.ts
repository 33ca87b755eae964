import { useEffect, useState } from 'react'

/** Whole seconds until `at` (ms since 1970), counted down while it is shown. */
export const useCountdown = (at: number | undefined): number | undefined => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (at === undefined) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [at])
  return at === undefined ? undefined : Math.max(0, Math.ceil((at - now) / 1_000))
}
