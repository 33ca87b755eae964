import type { Environment } from '@syncline/core'

/** What the hub needs from outside. Logic uses only this, so that a hub can run in virtual time from a seed. */
export interface HubEnvironment extends Pick<Environment, 'now' | 'setTimer' | 'random' | 'id'> {
  /** Runs `callback` at the end of this turn, after what the network delivered in it. Default: the event loop's. */
  readonly endOfTurn?: ((callback: () => void) => void) | undefined
}

/** The longest delay that the platforms' timers take; a longer one would fire at once. */
const longestDelay = 2 ** 31 - 1

/** The real clock, timers, chance and ids. */
export const globalEnvironment: HubEnvironment = {
  now: () => Date.now(),
  setTimer: (delay, callback) => {
    const timer = setTimeout(callback, Math.min(delay, longestDelay))
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
  id: () => crypto.randomUUID(),
}

/** Runs `callback` at the end of this event-loop turn, after what the network delivered in it. */
export const endOfTurn: (callback: () => void) => void =
  typeof setImmediate === 'function'
    ? (callback) => void setImmediate(callback)
    : (callback) => void setTimeout(callback, 0)
