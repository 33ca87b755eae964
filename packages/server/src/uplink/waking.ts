import type { HubEnvironment } from '../environment/hub-environment.ts'

/** Milliseconds until a client that did not come is woken again: doubled from the first to the last. */
const firstDelay = 1_000
const longestDelay = 15_000

/** Wakes a client until it asks: at once, or when it does not come by itself. */
export class Waking {
  readonly #environment: HubEnvironment
  readonly #wake: () => void
  #cancel: (() => void) | undefined
  #wakes = 0

  constructor(environment: HubEnvironment, wake: () => void) {
    this.#environment = environment
    this.#wake = wake
  }

  /** Wakes, unless that was done already. */
  now(): void {
    if (this.#cancel) return
    this.later()
    this.#wake()
  }

  /** Wakes if the client has not asked by then. */
  later(): void {
    const delay = Math.min(longestDelay, firstDelay * 2 ** this.#wakes++)
    this.#cancel = this.#environment.setTimer(delay, () => {
      this.#cancel = undefined
      this.now()
    })
  }

  /** The client has asked, or is gone. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#wakes = 0
  }
}
