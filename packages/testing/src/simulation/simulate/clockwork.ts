import { createScheduler, type Scheduler } from '../scheduler.ts'

/** What moves a simulation, writes down what happens, and stops it at the first thing that must not be. */
export interface Clockwork {
  readonly scheduler: Scheduler
  /** What happened, a line each, after virtual milliseconds. */
  readonly trace: readonly string[]
  log(line: string): void
  /** The first error of all ends the history. */
  fail(error: unknown): void
  /** Runs after every event. What it throws ends the history. */
  always(check: () => void): void
  /** @throws what ended the history */
  run(ms: number): Promise<void>
  /** Nothing is written down any more. */
  end(): void
}

/** With so many events something keeps itself busy. */
const MOST_EVENTS = 2_000_000

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export const createClockwork = (): Clockwork => {
  const scheduler = createScheduler(undefined, MOST_EVENTS)
  const started = scheduler.now
  const trace: string[] = []
  const checks: (() => void)[] = []
  let failure: { readonly error: unknown } | undefined
  let paused = false
  let ended = false

  const log = (line: string): void => {
    if (!ended) trace.push(`${String(Math.round(scheduler.now - started)).padStart(7)}  ${line}`)
  }
  const fail = (error: unknown): void => {
    if (failure) return
    failure = { error }
    log(`!!! ${textOf(error)}`)
    scheduler.stop()
  }
  const look = (): void => {
    for (const check of checks) check()
    if (failure) throw failure.error
    if (scheduler.exhausted) throw new Error(`It goes on and on: ${scheduler.count} events.`)
  }

  return {
    trace,
    log,
    fail,
    always: (check) => void checks.push(check),
    /** It pauses after each event, when there is something to check. */
    scheduler: {
      get now() {
        return scheduler.now
      },
      get count() {
        return scheduler.count
      },
      get exhausted() {
        return scheduler.exhausted
      },
      stop: scheduler.stop,
      run: scheduler.run,
      after: (delay, callback) =>
        scheduler.after(delay, () => {
          callback()
          paused = checks.length > 0
          if (paused) scheduler.stop()
        }),
    },
    run: async (ms) => {
      const until = scheduler.now + ms
      look()
      do {
        paused = false
        await scheduler.run(until - scheduler.now)
        look()
      } while (paused)
    },
    end: () => {
      ended = true
    },
  }
}
