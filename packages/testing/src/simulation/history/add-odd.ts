import type { Chance } from '../chance.ts'
import type { Step } from './steps.ts'

/** In some histories the backend publishes what pages of the contract's first version refuse. */
export const addOdd = (steps: readonly Step[], chance: Chance): readonly Step[] => {
  if (!chance.happens(0.06)) return steps
  const added = [...steps]
  for (let left = chance.between(1, 4); left > 0; left--)
    added.splice(chance.below(added.length + 1), 0, {
      after: chance.below(400),
      do: 'backend-publish',
      channel: chance.pick(['list/a', 'list/a', 'feed']),
      odd: true,
    })
  return added
}
