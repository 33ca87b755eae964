import type { Chance } from '../chance.ts'
import type { Step } from './steps.ts'

/** In some histories the hub's disk fills up, or takes commits and fails to say so. */
export const addDiskFaults = (steps: readonly Step[], chance: Chance): readonly Step[] => {
  if (!chance.happens(0.12)) return steps
  const faults = Array.from({ length: chance.between(1, 3) }, () => ({
    at: chance.below(steps.length + 1),
    step: faultOf(chance),
  }))
  return faults.reduce<readonly Step[]>(
    (before, { at, step }) => [...before.slice(0, at), step, ...before.slice(at)],
    steps,
  )
}

const faultOf = (chance: Chance): Step =>
  chance.happens(0.4)
    ? { after: chance.below(500), do: 'store-full', ms: chance.pick([200, 1_000, 4_000, 12_000, 40_000]) }
    : { after: chance.below(500), do: 'unanswered-commit', commits: chance.pick([1, 1, 2, 4]) }
