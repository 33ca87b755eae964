import type { HubEnvironment } from '../environment/hub-environment.ts'

/** A deadline that is set and lifted for each write, on one timer for all of them. */
export class Watch {
  readonly #environment: HubEnvironment
  readonly #timeout: number
  readonly #late: () => void
  /** 0: nothing is watched. */
  #deadline = 0
  #timed = false

  constructor(environment: HubEnvironment, timeout: number, late: () => void) {
    this.#environment = environment
    this.#timeout = timeout
    this.#late = late
  }

  start(): void {
    this.#deadline = this.#environment.now() + this.#timeout
    if (!this.#timed) this.#wait(this.#timeout)
  }

  stop(): void {
    this.#deadline = 0
  }

  #wait(delay: number): void {
    this.#timed = true
    this.#environment.setTimer(delay, () => {
      this.#timed = false
      if (this.#deadline === 0) return
      const left = this.#deadline - this.#environment.now()
      // One with more than all of it left began before the clock was set back.
      if (left > 0 && left <= this.#timeout) this.#wait(left)
      else {
        this.#deadline = 0
        this.#late()
      }
    })
  }
}
