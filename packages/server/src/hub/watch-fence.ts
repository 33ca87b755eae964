import { SynclineError } from '@syncline/core'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { HubStore } from '../store/hub-store.ts'

/** True when another hub has opened the store: this one has nothing more to say, for good. */
export const isFenced = (error: unknown): boolean => error instanceof SynclineError && error.code === 'fenced'

/** Asks the store at each heartbeat whether it is still this hub's, so that an idle hub finds out too. */
export const watchFence = (options: {
  readonly store: HubStore
  readonly environment: HubEnvironment
  readonly ready: Promise<void>
  /** Milliseconds. */
  readonly every: number
  readonly confirmed: () => void
  readonly refused: (error: unknown) => void
}): void => {
  const { store, environment, ready, every, confirmed, refused } = options
  const ask = async (): Promise<void> => {
    try {
      await store.commit([])
      confirmed()
    } catch (error) {
      refused(error)
      if (isFenced(error)) return
    }
    schedule()
  }
  const schedule = (): void => {
    environment.setTimer(every, () => void ask())
  }
  ready.then(schedule, () => undefined)
}
