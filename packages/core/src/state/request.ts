import type { Environment } from '../environment/environment.ts'

/** One question at a time: open until answered or timed out, or paused before it is asked again. */
export interface Request {
  readonly open: boolean
  readonly free: boolean
  /** The question was sent. */
  ask(): void
  /** Nothing is asked before `delay` milliseconds have passed. */
  pause(delay: number): void
  /** Answered, or of no interest any more. */
  done(): void
}

/** See {@link createRequest}; the question for a snapshot is one too. */
export class Question implements Request {
  readonly #environment: Environment
  readonly #timeout: number
  readonly #again: () => void
  #cancel: (() => void) | undefined
  #state: 'free' | 'open' | 'paused' = 'free'

  constructor(environment: Environment, timeout: number, again: () => void) {
    this.#environment = environment
    this.#timeout = timeout
    this.#again = again
  }
  get open(): boolean {
    return this.#state === 'open'
  }
  get free(): boolean {
    return this.#state === 'free'
  }
  ask(): void {
    this.#enter('open', this.#timeout)
  }
  pause(delay: number): void {
    this.#enter('paused', delay)
  }
  done(): void {
    this.#enter('free')
  }

  #enter(next: 'free' | 'open' | 'paused', delay?: number): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#state = next
    if (delay === undefined) return
    this.#cancel = this.#environment.setTimer(delay, () => {
      this.#cancel = undefined
      this.#state = 'free'
      this.#again()
    })
  }
}

/** @param again runs when a question timed out (`timeout` in milliseconds) or a pause is over. */
export const createRequest = (environment: Environment, timeout: number, again: () => void): Request =>
  new Question(environment, timeout, again)
