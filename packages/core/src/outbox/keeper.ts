import type { Environment } from '../environment/environment.ts'
import type { SynclineError } from '../errors/syncline-error.ts'
import type { OpenStorage, StorageChange, StorageLock } from '../storage/client-storage.ts'
import type { LaneContext } from './lane.ts'
import type { Ledger } from './ledger.ts'
import type { Forget } from './outbox.ts'
import type { Partition } from './partition.ts'
import type { WriteRecord } from './records.ts'
import type { Write } from './write.ts'

/** A client id and the proof that no other tab uses it. */
export interface Claim {
  readonly client: string
  readonly lock: StorageLock | undefined
}

/** What a keeper knows of the rest of the outbox. */
export interface KeeperContext {
  readonly environment: Environment
  readonly ledger: Ledger
  /** What lanes ask of the outbox; the keeper adds how their changes are stored. */
  readonly lanes: Omit<LaneContext, 'durable' | 'journal'>
  /** Opens the storage of one identity. */
  open(): Promise<OpenStorage>
  /** Whose part of it new writes go to: this tab's own client. */
  claimed(client: string): void
  isClosed(): boolean
  fail(error: SynclineError): void
  /** There is a part for new writes. */
  opened(): void
  /** Another tab has the part for new writes: loads again. */
  reload(): void
}

/**
 * Takes writes that were made elsewhere: those that are not known here, stored together with a mark for each.
 * Returns how many.
 */
export type Taker = (
  records: readonly WriteRecord[],
  mark?: (record: WriteRecord) => StorageChange,
) => Promise<number>

/** Looks after the parts of the outbox that are this tab's: reads them, stores what changes, gives them up. */
export interface Keeper {
  /** Whether what was stored outlives the page. */
  readonly durable: boolean
  /** By client. */
  readonly partitions: ReadonlyMap<string, Partition>
  /** Where new writes go; undefined until it was read, and while another is claimed. */
  readonly own: Partition | undefined
  /** Reads what earlier pages left. Rejects with the storage's failure, and can then be tried again. */
  load(): Promise<OpenStorage>
  /**
   * Stores the changes of one client's part, all or none; undefined where there is nothing to wait for. `dropped`:
   * the write that they take the place of.
   */
  commit(client: string, changes: () => readonly StorageChange[], dropped?: Write): Promise<void> | undefined
  /** Looks for parts that nobody looks after any more. */
  adopt?(): Promise<void>
  /** Nothing may be left to do for this client. */
  tidy?(client: string): void
  /** Moves the unsent writes of another storage here; resolves with their number. */
  takeFrom(other: OpenStorage, take: Taker): Promise<number>
  /** Stores what is not yet stored, or discards what is, and lets go of everything. */
  close(forget?: Forget): Promise<void>
}

export type CreateKeeper = (context: KeeperContext) => Keeper
