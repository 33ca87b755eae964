import type { Environment } from '../environment/environment.ts'

/** Something that runs while it is used, and a while longer. */
export interface Usage {
  /** One more user; returns the user's end, to be called once. */
  enter(): () => void
  /** Stops at once if it runs. */
  end(): void
}

/** @param linger how long it goes on without users, in milliseconds; `Infinity`: until `end`. */
export const createUsage = (
  { setTimer }: Environment,
  linger: number,
  start: () => void,
  stop: () => void,
): Usage => {
  let users = 0
  let running = false
  let cancel = (): void => {}
  const end = (): void => {
    cancel()
    if (!running) return
    running = false
    stop()
  }
  return {
    enter: () => {
      users++
      cancel()
      if (!running) {
        running = true
        start()
      }
      return () => {
        users--
        if (!users && running && linger < Infinity) cancel = setTimer(linger, end)
      }
    },
    end,
  }
}
