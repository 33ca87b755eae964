import { hashText } from '../chance.ts'
import type { Scheduler } from '../scheduler.ts'
import { type Promised, Violation } from './violation.ts'

/** What happened in a history, and the first promise that was broken. */
export interface Chronicle {
  /** What happened, if it was to be kept. */
  readonly lines: readonly string[]
  /** Of all that happened: two histories that are the same have the same. */
  readonly hash: number
  readonly violation: Violation | undefined
  /** Which kinds of faults happened, and how often. */
  readonly faults: Map<string, number>
  log(line: string): void
  happened(fault: string): void
  /** Ends the history. */
  violated(promise: Promised, message: string): void
}

/** @param keepLines keeps what happened, as text */
export const createChronicle = (scheduler: Scheduler, keepLines: boolean): Chronicle => {
  const started = scheduler.now
  const faults = new Map<string, number>()
  const lines: string[] = []
  let hash = hashText('')
  let violation: Violation | undefined

  const log = (line: string): void => {
    hash = hashText(`${scheduler.now - started} ${line}\n`, hash)
    if (keepLines) lines.push(`${String(Math.round(scheduler.now - started)).padStart(7)}  ${line}`)
  }
  return {
    lines,
    get hash() {
      return hash
    },
    get violation() {
      return violation
    },
    faults,
    log,
    happened: (fault) => void faults.set(fault, (faults.get(fault) ?? 0) + 1),
    violated: (promise, message) => {
      if (violation) return
      violation = new Violation(promise, message)
      log(`!!! ${promise}: ${message}`)
      scheduler.stop()
    },
  }
}
