import type { Environment } from '../environment/environment.ts'

/** When asked to check, the link must give a sign of life within this many milliseconds. */
const CHECK_LIMIT = 5_000

/** Watches whether a link is alive, both ways. */
export interface Heartbeat {
  /** Something came in. On the hot path: once for each delivery. */
  heard(): void
  /** Something went out. */
  sent(): void
  /** The answer to a ping came in. */
  answered(): void
  /** Pings, and gives the link up unless something is heard within 5 s. */
  check(): void
  stop(): void
}

/**
 * The hub sends something at least every `interval` ms, so a link that is silent for `limit` ms is dead. The
 * other way round the client pings when it has sent nothing for an interval, and now and then if it has: the hub
 * notices a client that vanished. It answers each ping, so a link that carries nothing up is dead too: twice `limit`
 * is left for answers behind what a slow link still has to bring. A timer that comes late (a frozen page, a machine
 * that slept), or early by a clock that was set back, proves nothing: the link is checked before it is given up.
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
  /** When the ping went out that has no answer; and beats without a ping. */
  let pingedAt: number | undefined
  let beats = 0
  let cancelCheck: (() => void) | undefined
  let cancelTick = () => {}

  const arm = () => {
    const delay = Math.max(0, Math.min(options.interval, heardAt + options.limit - now()))
    const due = now() + delay
    cancelTick = setTimer(delay, () => tick(now() - due))
  }
  const ping = () => {
    pingedAt ??= now()
    beats = 0
    options.ping()
  }
  const tick = (late: number) => {
    const unanswered = now() - (pingedAt ?? now())
    const silence = Math.max(now() - heardAt, unanswered / 2)
    if (Math.abs(late) >= CHECK_LIMIT) return check()
    if (silence >= options.limit) return options.lost(silence)
    if (!hasSent || ++beats > 2) ping()
    hasSent = false
    arm()
  }
  const check = () => {
    if (cancelCheck) return
    cancelTick()
    pingedAt = undefined
    ping()
    cancelCheck = setTimer(CHECK_LIMIT, () => options.lost(now() - heardAt))
  }

  arm()
  return {
    heard: () => {
      heardAt = now()
      // Pages that nobody sees get a timer once a minute: what comes in wakes them as well.
      if (heardAt - sentAt >= options.interval) ping()
      if (!cancelCheck) return
      cancelCheck()
      cancelCheck = undefined
      arm()
    },
    sent: () => {
      hasSent = true
      sentAt = now()
    },
    answered: () => {
      pingedAt = undefined
    },
    check,
    stop: () => {
      cancelTick()
      cancelCheck?.()
    },
  }
}
