import type { HubEnvironment } from './hub-environment.ts'

/** So many a second on average, and as many at once after a quiet second. */
export class TokenBucket {
  readonly #environment: HubEnvironment
  readonly #perSecond: number
  #tokens: number
  #at: number

  constructor(environment: HubEnvironment, perSecond: number) {
    this.#environment = environment
    this.#perSecond = perSecond
    this.#tokens = Math.max(1, perSecond)
    this.#at = environment.now()
  }

  /** Takes one: 0; else the milliseconds until there is one. */
  take(): number {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return 0
    const now = this.#environment.now()
    const gained = ((now - this.#at) * this.#perSecond) / 1_000
    this.#tokens = Math.min(Math.max(1, this.#perSecond), this.#tokens + Math.max(0, gained))
    this.#at = now
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * 1_000) / this.#perSecond)
    this.#tokens--
    return 0
  }
}
