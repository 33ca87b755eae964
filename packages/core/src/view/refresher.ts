import type { Environment } from '../environment/environment.ts'
import { backoffDelay } from '../operators/backoff-delay.ts'
import { createRequest } from '../state/request.ts'

/** Asks for another state, later and later if that does not help. */
export interface Refresher {
  ask(): void
  cancel(): void
}

/** Failures further apart than this are not one series, in milliseconds. */
const calm = 60_000

export const createRefresher = (environment: Environment, refresh: () => void): Refresher => {
  const { now, random } = environment
  const question = createRequest(environment, 0, refresh)
  let failures = 0
  let failedAt = 0
  return {
    ask: () => {
      if (!question.free) return
      if (now() - failedAt > calm) failures = 0
      failedAt = now()
      question.pause(failures ? backoffDelay({}, failures, random) : 0)
      failures++
    },
    cancel: () => question.done(),
  }
}
