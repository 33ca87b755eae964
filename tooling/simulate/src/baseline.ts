import { buildWorker } from './build-worker.ts'
import { GIVEN_UP_AFTER, isHung } from './hung.ts'
import type { Ran } from './messages.ts'
import { openWorker } from './open-worker.ts'

/** The product as it is: what a mutant broke must be whole without it. */
export interface Baseline {
  /**
   * True if the seed breaks nothing here. One that `hung` with a mutant must pass in a tenth of the time: else the
   * machine may be to blame.
   */
  keepsAll(broken: Pick<Ran, 'seed' | 'promise'>): Promise<boolean>
  close(): Promise<void>
}

export const openBaseline = async (): Promise<Baseline> => {
  const bundle = await buildWorker()
  let worker = await openWorker(bundle.file)
  const known = new Map<number, Ran>()
  let last: Promise<unknown> = Promise.resolve()

  const run = async (seed: number): Promise<Ran> => {
    const found = known.get(seed)
    if (found) return found
    const [ran] = (await worker.run([seed])) as readonly [Ran]
    known.set(seed, ran)
    if (isHung(ran)) worker = await openWorker(bundle.file)
    return ran
  }
  return {
    // One after the other: a worker runs one request at a time.
    keepsAll: (broken) => {
      const answer = last.then(async () => {
        const { promise, took } = await run(broken.seed)
        return promise === undefined && (!isHung(broken) || took < GIVEN_UP_AFTER / 10)
      })
      last = answer.catch(() => {})
      return answer
    },
    close: async () => {
      await worker.close()
      bundle.remove()
    },
  }
}
