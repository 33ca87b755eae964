import type { Environment } from '../environment/environment.ts'

/** When asked to check, the link must give a sign of life within this many milliseconds. */
const CHECK_LIMIT = 5_000

/** Watches whether a link is alive, both ways. */
export interface Heartbeat {
  /** Something came in. On the hot path: once for each delivery. */
  heard(): void
  /** Something went out. */
  sent(): void
  /** Pings, and gives the link up unless something is heard within 5 s. */
  check(): void
  stop(): void
}

/**
 * The hub sends something at least every `interval` ms, so a link that is silent for `limit` ms is dead. The
 * other way round the client pings when it has sent nothing for an interval: the hub notices a client that
 * vanished, and a link that only carries one way breaks. A timer that comes late (a frozen page, a machine
 * that slept) proves nothing: the link is checked before it is given up.
 */
export const createHeartbeat = (options: {
  readonly environment: Environment
  readonly interval: number
  readonly limit: number
  ping(): void
  lost(silence: number): void
}): Heartbeat => {
  const { now, setTimer } = options.environment
  let heardAt = now()
  let sentAt = heardAt
  let hasSent = true
  let cancelCheck: (() => void) | undefined
  let cancelTick = () => {}

  const arm = () => {
    const delay = Math.max(0, Math.min(options.interval, heardAt + options.limit - now()))
    const due = now() + delay
    cancelTick = setTimer(delay, () => tick(now() - due))
  }
  const tick = (late: number) => {
    const silence = now() - heardAt
    if (silence >= options.limit) return late < CHECK_LIMIT ? options.lost(silence) : check()
    if (!hasSent) options.ping()
    hasSent = false
    arm()
  }
  const check = () => {
    if (cancelCheck) return
    cancelTick()
    options.ping()
    cancelCheck = setTimer(CHECK_LIMIT, () => options.lost(now() - heardAt))
  }

  arm()
  return {
    heard: () => {
      heardAt = now()
      // Pages that nobody sees get a timer once a minute: what comes in wakes them as well.
      if (heardAt - sentAt >= options.interval) options.ping()
      if (!cancelCheck) return
      cancelCheck()
      cancelCheck = undefined
      arm()
    },
    sent: () => {
      hasSent = true
      sentAt = now()
    },
    check,
    stop: () => {
      cancelTick()
      cancelCheck?.()
    },
  }
}
