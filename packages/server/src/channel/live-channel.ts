import type { Anchor } from '@syncline/core/protocol'
import type { RoundPace } from '../fan-out/round-pace.ts'
import type { SubscriberGroup } from '../fan-out/subscriber.ts'
import type { OutgoingFrame } from '../gateway/gateway.ts'
import type { RecentMessages } from '../log/recent-messages.ts'
import type { Gate } from '../snapshot/gate.ts'
import type { SnapshotRead } from '../snapshot/snapshot-read.ts'
import type { StoredMessage } from '../store/hub-store.ts'
import type { Identity } from './identity.ts'

/** A frame of fan-out with the `seq` that it brings a peer to. */
export interface FanOutFrame {
  readonly frame: OutgoingFrame
  readonly through: number
}

/** A channel that is in use: what the hub keeps of it in memory. */
export interface LiveChannel {
  readonly name: string
  /** The newest position. Its epoch is empty until the channel was read from the store. */
  head: Anchor
  /** Resolves once the head is known; undefined when it is. */
  loading: Promise<void> | undefined
  /** The head could not be read, and is read again when somebody asks or the store works again. */
  unread: boolean
  /** How often the store failed at a commit that may be there all the same. */
  doubts: number
  /** What was committed while the head was being read. */
  early: { readonly epoch: string; readonly messages: readonly StoredMessage[] }[]
  readonly recent: RecentMessages
  readonly gate: Gate
  /** Commits of other channels' handlers to this one, counted. */
  reached: number
  readonly groups: SubscriberGroup[]
  subscribers: number
  /** Requests that work with this channel now: it is not forgotten under them. */
  users: number
  /** Frames of fan-out by the position they follow, good until the head moves. */
  readonly frames: Map<number, FanOutFrame>
  readonly pace: RoundPace
  /** The heartbeat for those on this channel only, good until the head moves. */
  heads: OutgoingFrame | undefined
  /** True while it waits for a flush. */
  dirty: boolean
  /** Reads of the log on the way, for those who ask for the same meanwhile. */
  readonly reads: Map<string, Promise<readonly StoredMessage[]>>
  /** Reads of snapshots on the way. By what `authenticate` gave, not by its id: claims may differ. */
  readonly snapshots: Map<Identity, Promise<SnapshotRead>>
}
