// Runs histories; bundled by build-worker.ts, so that a mutant of the product is a matter of the bundle.
import process from 'node:process'
import { parentPort } from 'node:worker_threads'
import {
  describeFailure,
  faultKinds,
  type HistoryResult,
  makePlan,
  type Plan,
  runPlan,
  shrink,
  Violation,
} from '@syncline/testing/simulation'
import type { Answer, Ask, Ran } from './messages.ts'

process.setSourceMapsEnabled(true)

/** A rejection that nobody handles would end a real process. */
let strays: unknown[] = []
process.on('unhandledRejection', (reason) => void strays.push(reason))
process.on('uncaughtException', (error) => void strays.push(error))

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

/** A history, in which what nobody handled breaks a promise too. */
const run = async (plan: Plan, options: { readonly keepLines?: boolean } = {}): Promise<HistoryResult> => {
  strays = []
  const result = await runPlan(plan, options)
  // Node tells of a rejection in the turn after the one in which nobody has handled it.
  await new Promise((resolve) => setImmediate(resolve))
  if (result.violation || strays.length === 0) return result
  const message = `nobody handled ${textOf(strays[0])}`
  return { ...result, violation: new Violation('no silent failure', message) }
}

const runSeed = async (seed: number): Promise<Ran> => {
  const started = performance.now()
  const { violation, faults, hash, counts, settledAfter } = await run(makePlan(seed))
  return {
    seed,
    promise: violation?.promise,
    message: violation?.message,
    faults: [...faults.keys()],
    hash,
    ...counts,
    settledAfter,
    took: performance.now() - started,
  }
}

const shorten = async ({ seed, promise, message }: Ran): Promise<string> => {
  const plan = makePlan(seed)
  const { violation } = await run(plan)
  if (!violation)
    return [
      `Seed ${seed} broke a promise: ${promise}`,
      `  ${message}`,
      '',
      'It did so once. Run again it breaks none: something in it is not decided by the seed.',
    ].join('\n')
  const short = await shrink(plan, violation.promise, run)
  return describeFailure(short.plan, short.result)
}

const say = (answer: Answer): void => parentPort?.postMessage(answer)

parentPort?.on('message', async (ask: Ask) => {
  if (ask.type === 'shrink') return say({ type: 'shrunk', text: await shorten(ask.ran) })
  for (const seed of ask.seeds) {
    say({ type: 'began', seed })
    const ran = await runSeed(seed)
    say({ type: 'ran', ran })
    if (ask.untilBroken && ran.promise !== undefined) break
  }
  return say({ type: 'done' })
})
say({ type: 'ready', faultKinds })
