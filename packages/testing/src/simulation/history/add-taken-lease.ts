import type { Chance } from '../chance.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'

const tab = 0

/**
 * In some histories a tab sleeps for so long that another one takes over its part of the outbox, where locks are leases;
 * it writes as soon as it wakes, and dies.
 */
const steps = (chance: Chance): readonly Step[] => {
  const write = (after: number): Step => ({ after, do: 'mutate', tab, channel: 'list/a', how: 'one' })
  return [
    write(1_000),
    { after: 1_000 + chance.below(2_000), do: 'sleep', tab, ms: 60_000 },
    { after: 60_000 + chance.below(3_000), do: 'offline', tab, ms: 5_000 },
    write(chance.below(200)),
    write(chance.below(200)),
    { after: 20 + chance.below(100), do: 'crash', tab, acts: 0, reopenAfter: chance.pick([0, 300, 5_000]) },
  ]
}

export const addTakenLease = (plan: Plan, chance: Chance): Plan => {
  if (!chance.happens(0.03)) return plan
  const { device, person } = plan.tabs[0] as Plan['tabs'][number]
  return {
    ...plan,
    devices: plan.devices.map((of, index) => (index === device ? { locks: 'lease' } : of)),
    tabs: plan.tabs.map((of, index) => (index < 2 ? { ...of, device, person, inMemory: false } : of)),
    steps: [...steps(chance), ...plan.steps],
  }
}
