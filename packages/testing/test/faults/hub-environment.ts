import type { HubEnvironment } from '@syncline/server'

/** The machine's own, for a test to change in parts. */
export const createHubEnvironment = (): HubEnvironment => ({
  now: Date.now,
  random: Math.random,
  id: () => crypto.randomUUID(),
  setTimer: (delay, callback) => {
    const timer = setTimeout(callback, Math.min(delay, 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
})
