import type { HubEnvironment } from '../environment/hub-environment.ts'
import { Gate } from './gate.ts'

/** Writers that began between two snapshots: counted, as one object for each would cost more than all else here. */
export interface Phase {
  running: number
  /** Those who wait for its last writer; undefined while none may join them: it is the newest. */
  waits: Wait[] | undefined
}

interface Wait {
  /** Phases with writers still running. */
  left: number
  readonly done: () => void
}

/**
 * Keeps snapshots whole of channels that are changed by handlers of *other* channels (`publish.to`) and by the
 * backend: whose gate those never pass. Writers pay for a count; only snapshots wait.
 */
export class Elsewhere {
  /**
   * Between mutations that are known to publish to other channels and snapshots of what they publish to. Who
   * needs a channel's own gate too is in that one first.
   */
  readonly gate = new Gate()
  #newest: Phase = { running: 0, waits: undefined }
  /** Phases that are over and whose writers are not. */
  readonly #older = new Set<Phase>()

  /**
   * A handler starts, or the backend publishes: its effects may show before its messages are committed. What is
   * returned goes to `end`, once.
   */
  begin(): Phase {
    this.#newest.running++
    return this.#newest
  }

  /** It is committed, or nothing of it will be. */
  end(phase: Phase): void {
    phase.running--
    if (phase.running > 0 || !phase.waits) return
    this.#older.delete(phase)
    for (const wait of phase.waits) if (--wait.left === 0) wait.done()
  }

  /** Resolves with true when all that runs now has ended, with false after `ms` milliseconds. */
  ended(environment: HubEnvironment, ms: number): Promise<boolean> | true {
    this.#closePhase()
    if (this.#older.size === 0) return true
    return new Promise((resolve) => {
      const cancel = environment.setTimer(ms, () => {
        for (const { waits } of this.#older) {
          const place = waits?.indexOf(wait) ?? -1
          if (place >= 0) waits?.splice(place, 1)
        }
        resolve(false)
      })
      const done = (): void => {
        cancel()
        resolve(true)
      }
      const wait: Wait = { left: this.#older.size, done }
      for (const { waits } of this.#older) waits?.push(wait)
    })
  }

  #closePhase(): void {
    if (this.#newest.running === 0) return
    this.#newest.waits = []
    this.#older.add(this.#newest)
    this.#newest = { running: 0, waits: undefined }
  }
}
