import type { HubEnvironment } from '../environment/hub-environment.ts'

/** A deadline that is set and lifted for each write, on one timer for all of them. */
export class Watch {
  readonly #environment: HubEnvironment
  readonly #timeout: number
  readonly #late: () => void
  /** 0: nothing is watched. */
  #deadline = 0
  #timed = false
  /** What is watched began after the timer. */
  #renewed = false

  constructor(environment: HubEnvironment, timeout: number, late: () => void) {
    this.#environment = environment
    this.#timeout = timeout
    this.#late = late
  }

  start(): void {
    this.#deadline = this.#environment.now() + this.#timeout
    if (this.#timed) this.#renewed = true
    else this.#wait(this.#timeout)
  }

  stop(): void {
    this.#deadline = 0
  }

  #wait(delay: number): void {
    this.#timed = true
    this.#renewed = false
    this.#environment.setTimer(delay, () => {
      this.#timed = false
      if (this.#deadline === 0) return
      if (!this.#renewed) {
        this.#deadline = 0
        this.#late()
        return
      }
      const left = this.#deadline - this.#environment.now()
      // Where the clock was set meanwhile, how long ago it began is not known: it gets all of the time.
      this.#wait(left > 0 && left <= this.#timeout ? left : this.#timeout)
    })
  }
}
