import type { HubEnvironment } from '../environment/hub-environment.ts'
import { Gate } from './gate.ts'

interface Wait {
  readonly left: Set<object>
  readonly done: () => void
}

/**
 * Keeps snapshots whole of channels that are changed by handlers of *other* channels (`publish.to`) and by the
 * backend: whose gate those never pass. Writers pay one entry in a set; only snapshots wait.
 */
export class Elsewhere {
  /**
   * Between mutations that are known to publish to other channels and snapshots of what they publish to. Who
   * needs a channel's own gate too is in that one first.
   */
  readonly gate = new Gate()
  readonly #running = new Set<object>()
  readonly #waits = new Set<Wait>()

  /** A handler starts, or the backend publishes: its effects may show before its messages are committed. */
  begin(write: object): void {
    this.#running.add(write)
  }

  /** It is committed, or nothing of it will be. */
  end(write: object): void {
    if (!this.#running.delete(write)) return
    for (const { left, done } of this.#waits) if (left.delete(write) && left.size === 0) done()
  }

  /** Resolves when all that runs now has ended, or after `ms` milliseconds; undefined: nothing runs. */
  ended(environment: HubEnvironment, ms: number): Promise<void> | undefined {
    if (this.#running.size === 0) return undefined
    return new Promise((resolve) => {
      const done = (): void => {
        cancel()
        this.#waits.delete(wait)
        resolve()
      }
      const wait: Wait = { left: new Set(this.#running), done }
      const cancel = environment.setTimer(ms, done)
      this.#waits.add(wait)
    })
  }
}
