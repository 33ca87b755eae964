import type { ChannelRegistry } from '../channel/channel-registry.ts'
import type { Identity } from '../channel/identity.ts'
import type { LiveChannels } from '../channel/live-channels.ts'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { FanOut } from '../fan-out/fan-out.ts'
import type { Limits } from '../limits.ts'
import type { LogReader } from '../log/read-log.ts'
import type { Logger } from '../logger.ts'
import type { Presence } from '../presence/presence.ts'
import type { SnapshotReader } from '../snapshot/read-snapshot.ts'
import type { StreamCache } from '../write/stream-cache.ts'

/** What a link shows when it opens. */
export interface Credentials {
  readonly token: string | undefined
  /** The remote address, where the gateway knows it. */
  readonly address: string | undefined
}

/** What all sessions of a hub share. */
export interface SessionContext {
  readonly environment: HubEnvironment
  readonly limits: Limits
  readonly logger: Logger
  /** Milliseconds. */
  readonly heartbeat: number
  /** Milliseconds. */
  readonly authenticateTimeout: number
  readonly registry: ChannelRegistry
  readonly channels: LiveChannels
  readonly streams: StreamCache
  readonly fanOut: FanOut
  readonly log: LogReader
  readonly snapshots: SnapshotReader
  readonly presence: Presence
  authenticate(credentials: Credentials): Identity | Promise<Identity>
  /** Settles once the store is open. */
  readonly ready: Promise<void>
  /** True once the hub takes no more writes. */
  isClosing(): boolean
}
