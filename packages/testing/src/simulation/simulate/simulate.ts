import { shorten } from './shorten.ts'
import { createSimulation, type Simulation } from './simulation.ts'

export interface SimulateOptions {
  /**
   * How many more histories are run to make one that fails short: steps of `chaos` are left out as long as it still
   * fails. Default 0.
   */
  readonly tries?: number
}

/** What a history that did not fail leaves behind. */
export interface SimulateResult {
  readonly seed: number
  /** What happened, a line each, after virtual milliseconds: the same for the same seed. */
  readonly trace: readonly string[]
}

interface Outcome {
  readonly trace: readonly string[]
  readonly taken: readonly number[]
  readonly failure: { readonly error: unknown } | undefined
}

/** Lines of what happened last that are shown. */
const SHOWN_LINES = 60

const describe = (seed: number, { trace, failure }: Outcome, all: number, tries: number): string => {
  const error = failure?.error
  const steps = trace.filter((line) => line.includes('  — '))
  return [
    `Seed ${seed}: ${error instanceof Error ? error.message : String(error)}`,
    '',
    `The history, in milliseconds${tries > 0 ? `, the shortest that was found (of ${all} steps)` : ''}:`,
    ...steps,
    '',
    `What happened${trace.length > SHOWN_LINES ? ' last' : ''}:`,
    ...trace.slice(-SHOWN_LINES),
    '',
    `Again: simulate(${seed}, …)${tries > 0 ? '' : `; shorter: simulate(${seed}, …, { tries: 100 })`}`,
  ].join('\n')
}

/**
 * Runs a history of your own app from a seed, in one process and in virtual time: your hub on a disk that can crash, your
 * clients with their real outboxes and views, and a network between them that fails. The same seed gives the same
 * history, byte for byte, if everything it uses is made inside it and takes its time, chance and ids from
 * `environment`, `sim.chance` and `act`. Nothing in it may wait for something outside: timers, sockets, files.
 *
 * @example
 * await simulate(7, async (sim) => {
 *   sim.hub((parts) => serveTodos(createHub(parts)))
 *   const ada = sim.client('ada', (parts) => openTodos(createClient(parts)))
 *   await sim.chaos({ act: (chance, step) => ada.app?.add(`todo ${step}`) })
 *   await sim.settle(() => expect(ada.app?.list.get()).toEqual(…))
 * })
 * @throws Error with the seed, the steps and what happened last, when `history` throws, a check of it never holds, or a
 *   callback of a program throws. Its `cause` is what was thrown.
 */
export const simulate = async (
  seed: number,
  history: (sim: Simulation) => Promise<void>,
  { tries = 0 }: SimulateOptions = {},
): Promise<SimulateResult> => {
  const attempt = async (kept?: ReadonlySet<number>): Promise<Outcome> => {
    const sim = createSimulation(seed, kept)
    const { trace, taken } = sim
    try {
      await history(sim)
      return { trace, taken, failure: undefined }
    } catch (error) {
      return { trace, taken, failure: { error } }
    } finally {
      sim.end()
    }
  }
  const first = await attempt()
  if (!first.failure) return { seed, trace: first.trace }

  let shortest = first
  await shorten(first.taken, tries, async (steps) => {
    const outcome = await attempt(new Set(steps))
    if (outcome.failure) shortest = outcome
    return outcome.failure !== undefined
  })
  const message = describe(seed, shortest, first.taken.length, tries)
  throw new Error(message, { cause: shortest.failure?.error })
}
