import type { Environment } from '../environment/environment.ts'
import type { SynclineError } from '../errors/syncline-error.ts'
import type { StreamFrame } from '../protocol/frames.ts'
import type { StorageChange } from '../storage/client-storage.ts'
import type { HubLink } from '../transport/hub-link.ts'
import type { FitnessContext } from './fitness.ts'
import type { Journal } from './journal.ts'
import type { KeyOrder } from './key-order.ts'
import type { NextStatus } from './receipt-state.ts'
import type { StreamRecord } from './records.ts'
import type { Write } from './write.ts'

/** The frames that answer a write stream. */

/** What a lane asks of the outbox. */
export interface LaneContext extends FitnessContext {
  /** Milliseconds. */
  readonly maxAge: number
  readonly environment: Environment
  readonly durable: boolean
  /** Writes without an answer, at most. */
  readonly window: number
  link(): HubLink | undefined
  change(write: Write, next: NextStatus): void
  /** Takes a result as it came; returns it parsed, or a promise of that. */
  accepted(write: Write, result: unknown): unknown
  isHeld(channel: string): boolean
  /** Of the channel's writes, those of the other parts included. */
  keys(channel: string): KeyOrder
  fail(error: SynclineError): void
  /** Stores what changes in a client's lane. */
  journal(client: string): Journal
  /** Calls `pump` later in this turn. */
  schedule(lane: Lane): void
}

/** A lane as it was stored. */
export interface StoredLane {
  readonly record: StreamRecord | undefined
  readonly writes: ReadonlyMap<number, Write>
}

/** The writes of one client to one channel on their way out: numbered, sent, answered, stored. */
export interface Lane {
  readonly client: string
  readonly channel: string
  enqueue(write: Write): void
  /** Takes the unsent writes with this key out, in order; `enqueue` brings them back. */
  detach(key: string | undefined): Write[]
  /** Puts writes that were detached back where they were. */
  reattach(writes: readonly Write[]): void
  discard(write: Write): Promise<void>
  /** A parked write left the storage by another commit. */
  forget(write: Write): void
  /** Lets go of accepted writes that a persisted view includes. */
  settle(passes: (write: Write) => boolean): void
  onLink(): void
  onFrame(frame: StreamFrame): void
  pump(): void
  /** Stores what is not yet stored; nothing is sent any more. */
  close(): Promise<void>
  /** Stops without storing: somebody else has it now. */
  abandon(): void
  toRecord(): StorageChange
}
