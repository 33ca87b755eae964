/** The tables of client storage. Keys are strings and sort by code unit. */
export type StorageTable = 'outbox' | 'streams' | 'views' | 'meta'

/** One change of a transaction. `deleteRange` removes `from` ≤ key ≤ `to`. Values are structured-cloneable JSON. */
export type StorageChange =
  | { readonly op: 'put'; readonly table: StorageTable; readonly key: string; readonly value: unknown }
  | { readonly op: 'delete'; readonly table: StorageTable; readonly key: string }
  | { readonly op: 'deleteRange'; readonly table: StorageTable; readonly from: string; readonly to: string }

/** Made and used by the outbox: nothing that a storage knows of. */
export type StorageKeeper = (context: never) => object

/** Where outboxes and views live. Inert until `open`. */
export interface ClientStorage {
  /**
   * `createDurableKeeper` of `@syncline/core/durable`, where commits outlive the page: brings what an outbox
   * needs for that. Default: an outbox in memory, read at the start and written when the client closes;
   * receipts then say that they are not durable.
   */
  readonly keeper?: StorageKeeper
  /** Opens the storage of one identity; what belongs to another can't be reached through it. */
  open(identity: string): Promise<OpenStorage>
}

export interface OpenStorage {
  /** All entries whose key starts with `prefix`, in key order. */
  entries(table: StorageTable, prefix: string): Promise<readonly (readonly [key: string, value: unknown])[]>
  get(table: StorageTable, key: string): Promise<unknown>
  /**
   * All of the changes or none, in the order of calls; resolves once they are durable. Calls made while one
   * is on the way are gathered into the next transaction (group commit). Rejects with `storage-failed`.
   * With `lock`, nothing is written once that lock was lost to another holder; this is checked in the same
   * transaction, so that a page that slept through its lease can do no harm when it wakes.
   */
  commit(changes: readonly StorageChange[], lock?: StorageLock): Promise<void>
  /**
   * Takes an exclusive lock that lasts until released or until its holder dies; undefined when it is taken.
   * Web Locks in browsers; where they are missing, a lease that is renewed and expires. With `wait` it resolves
   * once the lock is free, or undefined when that is aborted; a storage that can't tell does not wait.
   */
  lock(name: string, wait?: AbortSignal): Promise<StorageLock | undefined>
  close(): Promise<void>
}

export interface StorageLock {
  /** True once another holder was found to have taken it; undefined where locks can't be lost, as leases can. */
  readonly lost?: boolean | undefined
  release(): void
}
