import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { Logger } from '../logger.ts'
import type { HubStore, Retention } from '../store/hub-store.ts'
import type { HubOptions } from './hub.ts'

const day = 86_400_000
const defaultRetention: Retention = { count: 10_000, age: 7 * day }
const defaultStreamAge = 30 * day
/** Milliseconds between two times of dropping what retention no longer keeps. */
const interval = 60_000
/** Messages after which a store in memory is trimmed at once: a busy hub would fill gigabytes in an interval. */
const mostInMemory = 10_000

/**
 * Keeps the store within its retention for as long as the environment's timers run. Returns what is to be told of
 * how many messages were appended.
 */
export const keepTrimmed = (options: {
  readonly store: HubStore
  readonly environment: HubEnvironment
  readonly logger: Logger
  readonly ready: Promise<void>
  readonly retention: HubOptions<unknown, { id: string }>['retention'] | undefined
  readonly streamAge: number | undefined
}): ((count: number) => void) => {
  const { store, environment, logger, ready, retention, streamAge = defaultStreamAge } = options
  const kept = (channel: string): Retention => ({
    ...defaultRetention,
    ...(typeof retention === 'function' ? retention(channel) : retention),
  })
  let appended = 0
  const trim = async (): Promise<void> => {
    appended = 0
    try {
      await ready
      await store.trim(kept, streamAge)
    } catch (error) {
      logger.error({ error }, 'the store could not be trimmed')
    }
  }
  const schedule = (): void => {
    environment.setTimer(interval, () => void trim().then(schedule))
  }
  schedule()
  return (count) => {
    appended += count
    if (!store.durable && appended >= mostInMemory) void trim()
  }
}
