import { createVirtualTime } from '@syncline/testing'

/** Virtual time with a clock that somebody sets. */
export const createJumpingClock = () => {
  const time = createVirtualTime({ seed: 1 })
  let ahead = 0
  return {
    time,
    environment: { ...time.environment, now: () => time.environment.now() + ahead },
    jump: (milliseconds: number): void => {
      ahead += milliseconds
    },
  }
}
