import type { Ran } from './messages.ts'

/**
 * Real milliseconds after which a history is given up. It takes a quarter of a second, and the simulation ends itself
 * what goes on and on by its own events: what comes here is a loop without any, or a machine that does nothing else.
 */
export const GIVEN_UP_AFTER = 60_000

/** A history that was given up, as a failure. */
export const hungRan = (seed: number): Ran => ({
  seed,
  promise: 'hung',
  message: `It had not ended after ${GIVEN_UP_AFTER / 1_000} s of real time.`,
  faults: [],
  hash: '',
  writes: 0,
  commits: 0,
  events: 0,
  settledAfter: 0,
  took: GIVEN_UP_AFTER,
})

export const isHung = ({ promise }: Pick<Ran, 'promise'>): boolean => promise === 'hung'
