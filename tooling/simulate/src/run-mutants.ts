import { availableParallelism } from 'node:os'
import { buildWorker } from './build-worker.ts'
import { type Mutant, mutants } from './mutants.ts'
import { openWorker } from './open-worker.ts'

/** Seeds within which a mutant must be caught. */
export const WITHIN = 1_000
const CHUNK = 5
/** Milliseconds of real time after which a history that does not end counts as noticed. */
const HANGS_AFTER = 20_000

export interface MutantResult {
  readonly name: string
  /** The promise or rule that it breaks. */
  readonly breaks: string
  /** The seed that caught it; undefined: none did. */
  readonly seed: number | undefined
  /** The promise that was found broken. */
  readonly promise: string | undefined
}

const hang = (): Promise<undefined> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(undefined), HANGS_AFTER).unref()
  })

const hunt = async ({ name, breaks, patches }: Mutant): Promise<MutantResult> => {
  const bundle = await buildWorker(patches)
  try {
    const worker = await openWorker(bundle.file)
    try {
      for (let first = 1; first <= WITHIN; first += CHUNK) {
        const seeds = Array.from({ length: CHUNK }, (_, index) => first + index)
        const results = await Promise.race([worker.run(seeds, true), hang()])
        if (results === undefined) return { name, breaks, seed: first, promise: 'liveness: it hangs' }
        const caught = results.find(({ promise }) => promise !== undefined)
        if (caught) return { name, breaks, seed: caught.seed, promise: caught.promise }
      }
    } finally {
      await worker.close()
    }
  } finally {
    bundle.remove()
  }
  return { name, breaks, seed: undefined, promise: undefined }
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
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const result = await hunt(mutant)
      results.set(mutant.name, result)
      tell(
        result.seed === undefined
          ? `${mutant.name}: NOT CAUGHT`
          : `${mutant.name}: seed ${result.seed} (${result.promise})`,
      )
    }
  }
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work))
  return chosen.map(({ name }) => results.get(name) as MutantResult)
}
