import type { HubEnvironment } from '../environment/hub-environment.ts'

/** Longer than this a timer is not set: it is looked at again then. */
const day = 86_400_000

/** The end of a session's token. */
export class Expiry {
  readonly #environment: HubEnvironment
  readonly #expired: () => void
  #cancel: (() => void) | undefined

  constructor(environment: HubEnvironment, expired: () => void) {
    this.#environment = environment
    this.#expired = expired
  }

  /** Milliseconds since 1970, in the place of what was set before; undefined: never. */
  set(expiresAt: number | undefined): void {
    this.cancel()
    if (expiresAt === undefined) return
    const left = Math.max(0, expiresAt - this.#environment.now())
    this.#cancel =
      left > day
        ? this.#environment.setTimer(day, () => this.set(expiresAt))
        : this.#environment.setTimer(left, this.#expired)
  }

  cancel(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
