import { SynclineError } from '@syncline/core'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import { Slots } from '../environment/slots.ts'

/** What a provider is asked at a time; more waits in line. */
const atATime = 64

/** How fast a provider is asked: so much at a time, and nothing while it has asked for a pause. */
export class Pace {
  readonly #environment: HubEnvironment
  readonly #slots = new Slots(atATime)
  #pausedAt = 0
  #pausedUntil = 0

  constructor(environment: HubEnvironment) {
    this.#environment = environment
  }

  async run<T>(ask: () => Promise<T>): Promise<T> {
    await this.#slots.take()
    try {
      for (let left = this.left; left > 0; left = this.left)
        await new Promise<void>((resolve) => this.#environment.setTimer(left, resolve))
      return await ask()
    } finally {
      this.#slots.give()
    }
  }

  /**
   * Leaves the provider alone for as long as it asked, for whatever channel, unless it named one: that is for who
   * asked to heed. Returns the milliseconds.
   */
  heed(error: unknown): number {
    if (!(error instanceof SynclineError)) return 0
    const { retryAfter = 0, channel } = error
    if (channel === undefined && retryAfter > this.left) {
      this.#pausedAt = this.#environment.now()
      this.#pausedUntil = this.#pausedAt + retryAfter
    }
    return retryAfter
  }

  /** Milliseconds for which the provider is left alone still; not more than 0: it may be asked. */
  get left(): number {
    const now = this.#environment.now()
    // A clock that was set back would leave it alone for as long.
    return now < this.#pausedAt ? 0 : this.#pausedUntil - now
  }
}
