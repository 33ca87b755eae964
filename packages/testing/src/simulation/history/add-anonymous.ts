import type { Chance } from '../chance.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'

/**
 * In some histories the app in a tab does not say whose client it is, and others sign in there without the one before
 * having signed out; in some of these the disk is full when the first one is confirmed.
 */
export const addAnonymous = <P extends Pick<Plan, 'tabs' | 'steps'>>(
  plan: P,
  people: readonly string[],
  chance: Chance,
): P => {
  const [first, ...others] = plan.tabs
  if (!first || !chance.happens(0.08)) return plan
  const { device } = first
  const begin: Step[] = chance.happens(0.5)
    ? [
        { after: chance.below(60), do: 'disk', device, trouble: 'full', ms: chance.between(200, 1_500) },
        { after: chance.below(3_000), do: 'mutate', tab: 0, channel: 'list/a', how: 'one' },
      ]
    : []
  const steps = [...begin, ...plan.steps]
  for (let left = chance.between(1, 3); left > 0; left--)
    steps.splice(chance.between(begin.length, steps.length), 0, {
      after: chance.below(5_000),
      do: 'identity',
      tab: 0,
      person: chance.pick(people),
      signsOut: chance.happens(0.2),
    })
  return { ...plan, tabs: [{ ...first, anonymous: true, inMemory: false }, ...others], steps }
}
