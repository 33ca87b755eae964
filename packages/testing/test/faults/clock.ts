/** A wall clock that can be put forward and back, as by a machine that slept or by its owner. Timers do not notice. */
export interface Clock {
  readonly now: () => number
  /** @param milliseconds less than nothing: back */
  jump(milliseconds: number): void
}

export const createClock = (): Clock => {
  let ahead = 0
  return {
    now: () => Date.now() + ahead,
    jump: (milliseconds) => {
      ahead += milliseconds
    },
  }
}
