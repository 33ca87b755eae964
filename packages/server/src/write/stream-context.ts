import type { ChannelRegistry } from '../channel/channel-registry.ts'
import type { LiveChannels } from '../channel/live-channels.ts'
import type { Committer } from '../commit/committer.ts'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { Limits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import type { Elsewhere } from '../snapshot/elsewhere.ts'
import type { HubStore } from '../store/hub-store.ts'
import type { WriteLog } from './write-log.ts'

/** Something with answers that wait for the end of the commit group. */
export interface HasAnswers {
  sendAnswers(): void
}

/** What all write streams of a hub share. */
export interface StreamContext {
  readonly environment: HubEnvironment
  /** The next message's id. */
  readonly messageId: () => string
  readonly limits: Limits
  readonly logger: Logger
  readonly writeLog: WriteLog
  readonly registry: ChannelRegistry
  readonly channels: LiveChannels
  readonly committer: Committer
  readonly store: HubStore
  readonly elsewhere: Elsewhere
  /** Milliseconds. */
  readonly handlerTimeout: number
  /** Counts the hub's revocations. */
  readonly revision: () => number
  /** There are answers to send once the commit group is settled. */
  readonly hasAnswers: (answering: HasAnswers) => void
}
