import { availableParallelism } from 'node:os'
import { type Baseline, openBaseline } from './baseline.ts'
import { buildWorker } from './build-worker.ts'
import { isHung } from './hung.ts'
import type { Ran } from './messages.ts'
import { type Mutant, mutants } from './mutants.ts'
import { type HistoryWorker, openWorker } from './open-worker.ts'

/** Seeds within which a mutant must be caught. */
export const WITHIN = 1_000
const CHUNK = 5

export interface MutantResult {
  readonly name: string
  /** The promise or rule that it breaks. */
  readonly breaks: string
  /** The seed that caught it, and breaks nothing without the mutant; undefined: none did. */
  readonly seed: number | undefined
  /** The promise that was found broken. */
  readonly promise: string | undefined
  /** What was found, in a line. */
  readonly message: string | undefined
}

type Caught = Pick<Ran, 'seed' | 'promise' | 'message'>

const nothing: Caught = { seed: 0, promise: undefined, message: undefined }

/** The first seed that breaks a promise with the mutant and none without it. */
const hunt = async (open: () => Promise<HistoryWorker>, baseline: Baseline): Promise<Caught> => {
  let worker = await open()
  try {
    for (let next = 1; next <= WITHIN; ) {
      const seeds = Array.from({ length: Math.min(CHUNK, WITHIN + 1 - next) }, (_, index) => next + index)
      const last = (await worker.run(seeds, true)).at(-1)
      next = (last?.seed ?? WITHIN) + 1
      if (last?.promise === undefined) continue
      if (await baseline.keepsAll(last)) return last
      if (isHung(last)) worker = await open()
    }
  } finally {
    await worker.close()
  }
  return nothing
}

const tryOne = async ({ name, breaks, patches }: Mutant, baseline: Baseline): Promise<MutantResult> => {
  const bundle = await buildWorker(patches)
  try {
    const { seed, promise, message } = await hunt(() => openWorker(bundle.file), baseline)
    const line = message?.split('\n', 1)[0]
    return { name, breaks, seed: promise === undefined ? undefined : seed, promise, message: line }
  } finally {
    bundle.remove()
  }
}

/** Runs each mutant until a history breaks a promise. @param names those whose names begin so; all without any */
export const runMutants = async (
  names: readonly string[],
  tell: (line: string) => void,
): Promise<readonly MutantResult[]> => {
  const chosen = mutants.filter(
    ({ name }) => names.length === 0 || names.some((start) => name.startsWith(start)),
  )
  const results = new Map<string, MutantResult>()
  const waiting = [...chosen]
  const baseline = await openBaseline()
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const result = await tryOne(mutant, baseline)
      results.set(mutant.name, result)
      tell(
        result.seed === undefined
          ? `${mutant.name}: NOT CAUGHT`
          : `${mutant.name}: seed ${result.seed} (${result.promise}: ${result.message})`,
      )
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work))
  } finally {
    await baseline.close()
  }
  return chosen.map(({ name }) => results.get(name) as MutantResult)
}
