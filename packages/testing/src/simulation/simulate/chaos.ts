import type { Chance } from '../chance.ts'
import type { SimulatedFault } from './faults.ts'

/** One step of a history: the app acts, or a fault happens. */
export interface DrawnStep {
  /** Milliseconds before it. */
  readonly after: number
  /** Undefined: the app acts. */
  readonly fault: SimulatedFault | undefined
  readonly chance: Chance
}

/** How many of all steps are faults. */
const FAULTS = 0.4

/** Mostly at once, sometimes after a pause in which things time out. */
const pauseOf = (chance: Chance): number => {
  const kind = chance.next()
  if (kind < 0.5) return chance.below(40)
  if (kind < 0.8) return 40 + chance.below(500)
  return kind < 0.95 ? 500 + chance.below(5_000) : 5_000 + chance.below(30_000)
}

/** Draws a step from chance of its own: to leave it out changes nothing about the others. */
export const drawStep = (chance: Chance, faults: readonly SimulatedFault[]): DrawnStep => {
  const after = pauseOf(chance)
  const fault = faults.length > 0 && chance.happens(FAULTS) ? chance.pick(faults) : undefined
  return { after, fault, chance }
}
