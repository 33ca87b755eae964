import type { Environment } from '../environment/environment.ts'
import { pageActivity } from '../environment/page-activity.ts'
import type { PresenceStatus } from '../protocol/frames.ts'

/** Tells by itself whether somebody is there. */
export interface Attention {
  readonly status: PresenceStatus
  /** The person has done something. */
  acted(): void
  idleAfter(ms: number): void
  stop(): void
}

/**
 * `away` while the page is hidden, `idle` after a time without activity, else `active`. Where there is no page, nobody
 * is seen to be idle.
 */
export const createAttention = (
  environment: Environment,
  limit: number,
  changed: (status: PresenceStatus) => void,
): Attention => {
  const { now, setTimer, signals$, activity = pageActivity() } = environment
  let status: PresenceStatus = 'active'
  let actedAt = now()
  let cancel = (): void => {}

  const isHidden = (): boolean => activity?.isVisible() === false
  const set = (next: PresenceStatus): void => {
    if (status === next) return
    status = next
    changed(next)
  }
  /** Looks again when the time may be over, not at each sign of life. */
  const look = (): void => {
    cancel()
    if (!activity || status === 'away') return
    const rest = actedAt + limit - now()
    if (rest <= 0) set('idle')
    else {
      set('active')
      if (rest < Number.POSITIVE_INFINITY) cancel = setTimer(rest, look)
    }
  }
  const acted = (): void => {
    actedAt = now()
    if (status === 'idle') look()
  }

  if (isHidden()) status = 'away'
  look()
  const subscriptions = [
    signals$.subscribe((signal) => {
      if (signal === 'hidden') {
        cancel()
        set('away')
      } else if ((signal === 'visible' || signal === 'resumed') && !isHidden()) {
        actedAt = now()
        set('active')
        look()
      }
    }),
    activity?.inputs$.subscribe(acted),
  ]
  return {
    get status() {
      return status
    },
    acted,
    idleAfter: (ms) => {
      limit = ms
      look()
    },
    stop: () => {
      cancel()
      for (const subscription of subscriptions) subscription?.unsubscribe()
    },
  }
}
