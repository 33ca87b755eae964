import type { Environment } from '../environment/environment.ts'
import { backoffDelay } from '../operators/backoff-delay.ts'
import { createRequest, type Request } from './request.ts'

/** The question for a snapshot: asked until there is one, later and later when the hub has none. */
export interface SnapshotRequest extends Omit<Request, 'free'> {
  /** One is wanted, and it is time to ask. */
  readonly due: boolean
  want(wanted?: boolean): void
  failed(retryAfter: number | undefined): void
  /** It has come. */
  served(): void
}

export const createSnapshotRequest = (
  environment: Environment,
  timeout: number,
  again: () => void,
): SnapshotRequest => {
  const request = createRequest(environment, timeout, again)
  const { ask, pause, done } = request
  let wanted = false
  let failures = 0
  return {
    get open() {
      return request.open
    },
    get due() {
      return wanted && request.free
    },
    ask,
    pause,
    done,
    want: (is = true) => {
      wanted = is
    },
    failed: (retryAfter) => {
      wanted = true
      pause(backoffDelay({}, ++failures, environment.random, retryAfter))
    },
    served: () => {
      wanted = false
      failures = 0
    },
  }
}
