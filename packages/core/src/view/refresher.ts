import type { Environment } from '../environment/environment.ts'
import { backoffDelay } from '../operators/backoff-delay.ts'

/** Asks for another state, later and later if that does not help. */
export interface Refresher {
  ask(): void
  cancel(): void
}

/** Failures further apart than this are not one series, in milliseconds. */
const calm = 60_000

export const createRefresher = ({ now, random, setTimer }: Environment, refresh: () => void): Refresher => {
  let cancel: (() => void) | undefined
  let failures = 0
  let failedAt = 0
  return {
    ask: () => {
      if (cancel) return
      if (now() - failedAt > calm) failures = 0
      failedAt = now()
      const delay = failures === 0 ? 0 : backoffDelay({}, failures, random)
      failures++
      cancel = setTimer(delay, () => {
        cancel = undefined
        refresh()
      })
    },
    cancel: () => {
      cancel?.()
      cancel = undefined
    },
  }
}
