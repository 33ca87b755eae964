// Runs histories; bundled by build-worker.ts, so that a mutant of the product is a matter of the bundle.
import process from 'node:process'
import { parentPort } from 'node:worker_threads'
import { describeFailure, faultKinds, makePlan, runHistory, shrink } from '@syncline/testing/simulation'
import type { Answer, Ask, Ran, Shrunk } from './messages.ts'

/** A rejection that nobody handles would end a real process. */
let stray: unknown
process.on('unhandledRejection', (reason) => {
  stray ??= reason
})
process.on('uncaughtException', (error) => {
  stray ??= error
})

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

const run = async (seed: number): Promise<Ran> => {
  stray = undefined
  const { violation, faults, hash, counts, settledAfter } = await runHistory(seed)
  const broken =
    violation ?? (stray === undefined ? undefined : { promise: 'no silent failure', message: textOf(stray) })
  return {
    seed,
    promise: broken?.promise,
    message: broken?.message,
    faults: [...faults.keys()],
    hash,
    ...counts,
    settledAfter,
  }
}

const shorten = async (seed: number): Promise<Shrunk> => {
  const plan = makePlan(seed)
  const { violation } = await runHistory(seed)
  if (!violation) return { text: `Seed ${seed} breaks no promise.`, steps: plan.steps.length }
  const short = await shrink(plan, violation.promise)
  return { text: describeFailure(short.plan, short.result), steps: short.plan.steps.length }
}

const say = (answer: Answer): void => parentPort?.postMessage(answer)

parentPort?.on('message', async (ask: Ask) => {
  if (ask.type === 'shrink') return say({ type: 'shrunk', shrunk: await shorten(ask.seed) })
  const results: Ran[] = []
  for (const seed of ask.seeds) {
    const ran = await run(seed)
    results.push(ran)
    if (ask.untilBroken && ran.promise !== undefined) break
  }
  return say({ type: 'ran', results })
})
say({ type: 'ready', faultKinds })
