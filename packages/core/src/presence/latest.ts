import type { Environment } from '../environment/environment.ts'
import type { SharedPresence } from '../protocol/frames.ts'

/** Between two updates, in milliseconds: 30 a second. */
const INTERVAL = 1_000 / 30

/** Sends what changed: at once, then at most 30 times a second, the latest of each field. */
export interface Latest {
  push(change: SharedPresence): void
  /** Forgets what was not sent. */
  clear(): void
}

export const createLatest = ({ setTimer }: Environment, send: (change: SharedPresence) => void): Latest => {
  let waiting: SharedPresence | undefined
  let cancel: (() => void) | undefined
  const flush = (): void => {
    cancel = undefined
    if (!waiting) return
    const change = waiting
    waiting = undefined
    cancel = setTimer(INTERVAL, flush)
    send(change)
  }
  return {
    push: (change) => {
      waiting = { ...waiting, ...change }
      if (!cancel) flush()
    },
    clear: () => {
      waiting = undefined
    },
  }
}
