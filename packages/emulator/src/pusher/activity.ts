/** Watches over one connection's silence. */
export interface Activity {
  /** Something came in. */
  seen(): void
  stop(): void
}

/**
 * Pings after `activityTimeout` milliseconds of silence and gives up `pongTimeout` later. One timer that is not
 * moved with each frame.
 */
export const createActivity = (
  activityTimeout: number,
  pongTimeout: number,
  ping: () => void,
  giveUp: () => void,
): Activity => {
  let last = performance.now()
  let pinged = false
  const check = () => {
    const silence = performance.now() - last
    if (pinged) return giveUp()
    if (silence >= activityTimeout) {
      pinged = true
      ping()
      timer = setTimeout(check, pongTimeout)
    } else timer = setTimeout(check, Math.ceil(activityTimeout - silence))
  }
  let timer = setTimeout(check, activityTimeout)
  return {
    seen: () => {
      last = performance.now()
      if (!pinged) return
      pinged = false
      clearTimeout(timer)
      timer = setTimeout(check, activityTimeout)
    },
    stop: () => clearTimeout(timer),
  }
}
