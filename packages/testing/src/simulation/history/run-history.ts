import { checkFinally } from './final-checks.ts'
import { makePlan } from './make-plan.ts'
import type { Plan } from './plan.ts'
import { unsettled } from './settled.ts'
import { strain } from './strain.ts'
import type { Violation } from './violation.ts'
import { watchHub } from './watch-hub.ts'
import { createWorld, type World } from './world.ts'

/** Within so many milliseconds after the last fault everything has come to rest. */
export const SETTLES_WITHIN = 180_000

/** What came of a history. */
export interface HistoryResult {
  readonly seed: number
  /** The first promise that was broken. */
  readonly violation: Violation | undefined
  /** Which kinds of faults happened, and how often. */
  readonly faults: ReadonlyMap<string, number>
  /** Of everything that happened: the same seed gives the same. */
  readonly hash: string
  /** What happened, one line each, where it was asked for. */
  readonly lines: readonly string[]
  /** Writes made, messages committed, and events of the simulation. */
  readonly counts: { readonly writes: number; readonly commits: number; readonly events: number }
  /** Virtual milliseconds from the last fault until everything had come to rest. */
  readonly settledAfter: number
}

/** Ends the faults and waits until everything has come to rest. */
const settle = async (world: World): Promise<number> => {
  const { scheduler } = world
  world.calm()
  const calmed = scheduler.now
  await scheduler.run(6_000)
  const { running } = world.host
  // Of two that open the store at a time either may come last: whoever runs them starts one again.
  if (running?.hub.health().status === 'fenced') world.host.start(running.contracts.version)
  else if (!running) world.host.start(2)
  world.ownersComeBack()
  world.signInAgain()
  for (const tab of world.tabs) tab.open()
  return rest(world, calmed)
}

const rest = async (world: World, calmed: number): Promise<number> => {
  const { scheduler, violated } = world
  const look = watchHub(world)
  for (;;) {
    await scheduler.run(4_000)
    look()
    if (world.violation || scheduler.exhausted) return 0
    const reason = unsettled(world)
    if (reason === undefined) return scheduler.now - calmed
    world.signInAgain()
    if (scheduler.now - calmed < SETTLES_WITHIN) continue
    violated('liveness', `${SETTLES_WITHIN / 1_000} s after the last fault ${reason}`)
    return 0
  }
}

const play = async (world: World, { steps, hub }: Plan): Promise<number> => {
  const { scheduler } = world
  const look = watchHub(world)
  for (const step of steps) {
    await scheduler.run(step.after)
    look()
    if (world.violation || scheduler.exhausted) return 0
    world.perform(step)
  }
  await scheduler.run(0)
  if (world.violation) return 0
  const settledAfter = await settle(world)
  if (world.violation || scheduler.exhausted) return 0
  checkFinally(world)
  if (world.violation) return 0
  if (world.discardParked()) {
    await rest(world, scheduler.now)
    if (world.violation) return 0
    checkFinally(world)
  }
  await strain(world, hub)
  if (!world.violation) await rest(world, scheduler.now)
  if (world.violation) return 0
  world.closeAll()
  await scheduler.run(25_000)
  return settledAfter
}

/**
 * Runs the history of a plan: a hub, its clients and everything between them, in one process and in virtual time, with
 * every promise checked. Stops at the first that is broken.
 */
export const runPlan = async (
  plan: Plan,
  { keepLines = false }: { readonly keepLines?: boolean } = {},
): Promise<HistoryResult> => {
  const world = createWorld(plan, keepLines)
  const settledAfter = await play(world, plan)
  if (world.scheduler.exhausted)
    world.violated('liveness', `it goes on and on: ${world.scheduler.count} events`)
  return {
    seed: plan.seed,
    violation: world.violation,
    faults: world.faults,
    hash: world.hash.toString(16).padStart(8, '0'),
    lines: world.lines,
    counts: {
      writes: world.book.all.size,
      commits: world.truth.commits.length,
      events: world.scheduler.count,
    },
    settledAfter,
  }
}

/** The history of a seed. */
export const runHistory = (
  seed: number,
  options?: { readonly keepLines?: boolean },
): Promise<HistoryResult> => runPlan(makePlan(seed), options)
