import type { Plan } from './plan.ts'
import { type HistoryResult, runPlan } from './run-history.ts'
import type { Step } from './steps.ts'
import type { Promised } from './violation.ts'

/** Histories that are tried at most. */
const MOST_TRIES = 400

/**
 * The shortest history found that breaks the same promise: steps are left out as long as it still does (Zeller and
 * Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002), then settings that are not needed.
 *
 * @param run runs a history, and may find more than its own checkers do: a rejection that nobody handled, say
 */
export const shrink = async (
  plan: Plan,
  promise: Promised,
  run: typeof runPlan = runPlan,
): Promise<{ readonly plan: Plan; readonly result: HistoryResult }> => {
  let best = plan
  let tries = 0
  const breaks = async (candidate: Plan): Promise<boolean> => {
    if (tries++ >= MOST_TRIES) return false
    const { violation } = await run(candidate)
    if (violation?.promise !== promise) return false
    best = candidate
    return true
  }

  let parts = 2
  while (best.steps.length > 1 && tries < MOST_TRIES) {
    const { steps } = best
    const size = Math.ceil(steps.length / parts)
    let found = false
    for (let start = 0; start < steps.length && !found; start += size)
      found = await breaks({ ...best, steps: without(steps, start, size) })
    if (found) parts = Math.max(2, parts - 1)
    else if (size === 1) break
    else parts = Math.min(steps.length, parts * 2)
  }
  await breaks({ ...best, steps: [] })
  await breaks({ ...best, provider: { lost: 0, doubled: 0, late: 0 } })
  await breaks({ ...best, tokenLife: undefined })
  await breaks({ ...best, hub: { ...best.hub, limits: {} } })
  await breaks({ ...best, hub: { ...best.hub, laterSchemas: false } })
  await breaks({ ...best, tabs: best.tabs.map((tab) => ({ ...tab, skew: 0, enters: false })) })
  for (let last = best.tabs.length - 1; last > 0; last--)
    if (!best.steps.some((step) => usesTab(step, last)))
      await breaks({ ...best, tabs: best.tabs.slice(0, last) })
  return { plan: best, result: await run(best, { keepLines: true }) }
}

/** What is left out leaves its pause behind. */
const without = (steps: readonly Step[], start: number, size: number): readonly Step[] => {
  const pause = steps.slice(start, start + size).reduce((sum, { after }) => sum + after, 0)
  const next = steps[start + size]
  return [
    ...steps.slice(0, start),
    ...(next ? [{ ...next, after: next.after + pause }, ...steps.slice(start + size + 1)] : []),
  ]
}

const usesTab = (step: Step, tab: number): boolean =>
  ('tab' in step && step.tab >= tab) || ('of' in step && step.of >= tab) || 'tabs' in step
