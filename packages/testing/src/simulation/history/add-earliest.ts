import type { Chance } from '../chance.ts'
import type { Step } from './steps.ts'

/** In some histories `authorize` says at some time that nobody may see what was before. */
export const addEarliest = (steps: readonly Step[], chance: Chance): readonly Step[] => {
  if (!chance.happens(0.05)) return steps
  const at = chance.below(steps.length + 1)
  const step: Step = {
    after: chance.below(500),
    do: 'earliest',
    channel: chance.pick(['feed', 'feed', 'list/a']),
  }
  return [...steps.slice(0, at), step, ...steps.slice(at)]
}
