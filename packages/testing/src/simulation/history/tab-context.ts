import type { Anchor, Receipt } from '@syncline/core'
import type { Scheduler } from '../scheduler.ts'
import type { Continuity } from './continuity.ts'
import type { Truth } from './truth.ts'
import type { Promised } from './violation.ts'
import type { MadeWrite, WriteBook } from './writes.ts'

/** What the checkers see of one run of a client. */
export interface TabContext {
  readonly name: string
  /** Of its contract. */
  readonly version: number
  readonly truth: Truth
  readonly scheduler: Scheduler
  readonly book: WriteBook
  readonly continuity: Continuity
  alive(): boolean
  log(line: string): void
  violated(promise: Promised, message: string): void
  /** Runs after all that follows from the present event. */
  soon(callback: () => void): void
  onEnd(callback: () => void): void
  /** The writes that this run of the client made or found, and its receipts for them. */
  readonly receipts: ReadonlyMap<MadeWrite, Receipt>
  pending(): readonly Receipt[]
  loaded(): boolean
  /** The last message that the app saw on a channel that it follows. */
  lastOn(channel: string): Anchor | undefined
  /** Where the view of a channel stands. */
  shownOn(channel: string): Anchor | undefined
  isFollowing(channel: string): boolean
  /** The hub took the channel away, for good as far as the client knows. */
  isRefused(channel: string): boolean
  isStored(writeId: string): boolean
  /** The app was handed on so many messages less than there are, for they fail their schema: it is told of each. */
  refused(count: number): void
  // What happened in the world that excuses something.
  mayBeSetBack(): boolean
  /** Since when it has the session that it has, or had last. */
  sessionSince(): number
  mayBeUnknown(write: MadeWrite, session: number): boolean
  hubMayNotKnow(write: MadeWrite): boolean
  hadDiskTrouble(write: MadeWrite): boolean
  /** The storage that it was to be stored in belongs to somebody else than this run's person. */
  isAnothers(write: MadeWrite): boolean
}
