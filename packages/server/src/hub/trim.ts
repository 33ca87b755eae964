import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { Logger } from '../logger.ts'
import type { HubStore, Retention } from '../store/hub-store.ts'
import type { HubOptions } from './hub.ts'

const day = 86_400_000
const defaultRetention: Retention = { count: 10_000, age: 7 * day }
const defaultStreamAge = 30 * day
/** Milliseconds between two times of dropping what retention no longer keeps. */
const interval = 60_000

/** Keeps the store within its retention for as long as the environment's timers run. */
export const keepTrimmed = (options: {
  readonly store: HubStore
  readonly environment: HubEnvironment
  readonly logger: Logger
  readonly ready: Promise<void>
  readonly retention: HubOptions<unknown, { id: string }>['retention'] | undefined
  readonly streamAge: number | undefined
}): void => {
  const { store, environment, logger, ready, retention, streamAge = defaultStreamAge } = options
  const kept = (channel: string): Retention => ({
    ...defaultRetention,
    ...(typeof retention === 'function' ? retention(channel) : retention),
  })
  const trim = async (): Promise<void> => {
    try {
      await ready
      await store.trim(kept, streamAge)
    } catch (error) {
      logger.error({ error }, 'the store could not be trimmed')
    }
    schedule()
  }
  const schedule = (): void => {
    environment.setTimer(interval, () => void trim())
  }
  schedule()
}
