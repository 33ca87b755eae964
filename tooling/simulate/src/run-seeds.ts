import { buildWorker } from './build-worker.ts'
import { isHung } from './hung.ts'
import type { Ran } from './messages.ts'
import { type HistoryWorker, openWorker } from './open-worker.ts'

/** Seeds of one request to a worker. */
const CHUNK = 25
/** Failures that are made short; of the others only the seeds are told. */
const SHRUNK = 3

export interface SeedsReport {
  readonly histories: number
  readonly failures: readonly Ran[]
  /** The first of them, made short. */
  readonly texts: readonly string[]
  /** In how many histories each kind of fault happened. */
  readonly faults: ReadonlyMap<string, number>
  readonly writes: number
  readonly commits: number
  readonly events: number
  /** The longest virtual time, in milliseconds, until everything had come to rest. */
  readonly slowest: number
  readonly milliseconds: number
}

const hungText = ({ seed, message }: Ran): string =>
  `Seed ${seed} hung.\n  ${message}\nAgain: pnpm simulate --seed ${seed}`

/** Runs the histories of `count` seeds from `from` on, in two threads. */
export const runSeeds = async (
  from: number,
  count: number,
  progress: (done: number, failed: number) => void,
): Promise<SeedsReport> => {
  const started = performance.now()
  const bundle = await buildWorker()
  const workers: HistoryWorker[] = []
  const all: Ran[] = []
  let next = from
  /** Those of a chunk; after one that does not end the rest with another worker. */
  const runAll = async (thread: number, seeds: readonly number[]): Promise<void> => {
    const results = await (workers[thread] as HistoryWorker).run(seeds)
    all.push(...results)
    const last = results.at(-1)
    if (!last || !isHung(last)) return
    workers[thread] = await openWorker(bundle.file)
    const left = seeds.filter((seed) => seed > last.seed)
    if (left.length > 0) await runAll(thread, left)
  }
  const work = async (thread: number): Promise<void> => {
    while (next < from + count) {
      const first = next
      next = Math.min(from + count, first + CHUNK)
      await runAll(
        thread,
        Array.from({ length: next - first }, (_, index) => first + index),
      )
      progress(all.length, all.filter(({ promise }) => promise !== undefined).length)
    }
  }
  try {
    workers.push(await openWorker(bundle.file), await openWorker(bundle.file))
    await Promise.all([work(0), work(1)])
    const failures = all.filter(({ promise }) => promise !== undefined).sort((a, b) => a.seed - b.seed)
    const texts: string[] = []
    for (const failure of failures.slice(0, SHRUNK))
      texts.push(isHung(failure) ? hungText(failure) : await (workers[0] as HistoryWorker).shrink(failure))
    const faults = new Map((workers[0] as HistoryWorker).faultKinds.map((kind) => [kind, 0]))
    for (const ran of all) for (const kind of ran.faults) faults.set(kind, (faults.get(kind) ?? 0) + 1)
    const sum = (of: (ran: Ran) => number): number => all.reduce((total, ran) => total + of(ran), 0)
    return {
      histories: all.length,
      failures,
      texts,
      faults,
      writes: sum(({ writes }) => writes),
      commits: sum(({ commits }) => commits),
      events: sum(({ events }) => events),
      slowest: Math.max(0, ...all.map(({ settledAfter }) => settledAfter)),
      milliseconds: Math.round(performance.now() - started),
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.close()))
    bundle.remove()
  }
}
