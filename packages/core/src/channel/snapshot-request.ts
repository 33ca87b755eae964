import type { Environment } from '../environment/environment.ts'
import { backoffDelay } from '../operators/backoff-delay.ts'
import { Question, type Request } from '../state/request.ts'

/** The question for a snapshot: asked until there is one, later and later when the hub has none. */
export interface SnapshotRequest extends Omit<Request, 'free'> {
  /** One is wanted, and it is time to ask. */
  readonly due: boolean
  want(wanted?: boolean): void
  failed(retryAfter: number | undefined): void
  /** It has come. */
  served(): void
}

class SnapshotQuestion extends Question implements SnapshotRequest {
  readonly #random: Environment['random']
  #wanted = false
  #failures = 0

  constructor(environment: Environment, timeout: number, again: () => void) {
    super(environment, timeout, again)
    this.#random = environment.random
  }
  get due(): boolean {
    return this.#wanted && this.free
  }
  want(wanted = true): void {
    this.#wanted = wanted
  }
  failed(retryAfter: number | undefined): void {
    this.#wanted = true
    this.pause(backoffDelay({}, ++this.#failures, this.#random, retryAfter))
  }
  served(): void {
    this.#wanted = false
    this.#failures = 0
  }
}

export const createSnapshotRequest = (
  environment: Environment,
  timeout: number,
  again: () => void,
): SnapshotRequest => new SnapshotQuestion(environment, timeout, again)
