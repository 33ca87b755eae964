import type { HubEnvironment } from './hub-environment.ts'

/** The same environment, with all its timers cancelled at once in the end: from then on none is set. */
export const ownTimers = (
  environment: HubEnvironment,
): { readonly environment: HubEnvironment; cancelAll(): void } => {
  const cancels = new Set<() => void>()
  let over = false
  return {
    environment: {
      now: () => environment.now(),
      random: () => environment.random(),
      id: () => environment.id(),
      endOfTurn: environment.endOfTurn,
      setTimer: (delay, callback) => {
        if (over) return () => {}
        const stop = environment.setTimer(delay, () => {
          cancels.delete(stop)
          callback()
        })
        cancels.add(stop)
        return () => {
          cancels.delete(stop)
          stop()
        }
      },
    },
    cancelAll: () => {
      over = true
      for (const cancel of cancels) cancel()
      cancels.clear()
    },
  }
}
