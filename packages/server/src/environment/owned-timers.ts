import type { HubEnvironment } from './hub-environment.ts'

/** The same environment, with all its timers cancelled at once in the end. */
export const ownTimers = (
  environment: HubEnvironment,
): { readonly environment: HubEnvironment; cancelAll(): void } => {
  const cancels = new Set<() => void>()
  return {
    environment: {
      now: () => environment.now(),
      random: () => environment.random(),
      id: () => environment.id(),
      endOfTurn: environment.endOfTurn,
      setTimer: (delay, callback) => {
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
      for (const cancel of cancels) cancel()
      cancels.clear()
    },
  }
}
