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

class SnapshotQuestion implements SnapshotRequest {
  readonly #environment: Environment
  readonly #request: Request
  #wanted = false
  #failures = 0

  constructor(environment: Environment, request: Request) {
    this.#environment = environment
    this.#request = request
  }
  get open(): boolean {
    return this.#request.open
  }
  get due(): boolean {
    return this.#wanted && this.#request.free
  }
  ask(): void {
    this.#request.ask()
  }
  pause(delay: number): void {
    this.#request.pause(delay)
  }
  done(): void {
    this.#request.done()
  }
  want(wanted = true): void {
    this.#wanted = wanted
  }
  failed(retryAfter: number | undefined): void {
    this.#wanted = true
    this.pause(backoffDelay({}, ++this.#failures, this.#environment.random, retryAfter))
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
): SnapshotRequest => new SnapshotQuestion(environment, createRequest(environment, timeout, again))
