import { createDurableKeeper } from '../durable/index.ts'
import { createDefaultEnvironment } from '../environment/default-environment.ts'
import type { Environment } from '../environment/environment.ts'
import type { ClientStorage, OpenStorage, StorageChange, StorageTable } from '../storage/client-storage.ts'
import { type CommitRequest, createGroupCommit } from '../storage/group-commit.ts'
import { prefixEnd } from '../storage/key-range.ts'
import { createDatabase, type Database, type StoreName } from './database.ts'
import type { Lease } from './lease.ts'
import { createLocks, type Locks } from './locks.ts'

/** Options of {@link indexedDb}. */
export interface IndexedDbOptions {
  /** Where the time of leases and timeouts comes from. Default: the platform's. */
  readonly environment?: Pick<Environment, 'now' | 'setTimer' | 'id'>
  /** Web Locks; `null` uses leases instead. Default: `navigator.locks`, where the page has it. */
  readonly locks?: LockManager | null
}

const apply = (transaction: IDBTransaction, change: StorageChange): void => {
  const store = transaction.objectStore(change.table)
  if (change.op === 'put') store.put(change.value, change.key)
  else store.delete(change.op === 'delete' ? change.key : IDBKeyRange.bound(change.from, change.to))
}

const verifyAll = (
  leases: readonly Lease[],
  transaction: IDBTransaction,
  proceed: () => void,
  fail: (error: unknown) => void,
): void =>
  leases.reduceRight<() => void>((next, lease) => () => lease.verify(transaction, next, fail), proceed)()

const writeGroup = (database: Database, locks: Locks, group: readonly CommitRequest[]): Promise<void> => {
  const stores = new Set<StoreName>()
  const leases = new Set<Lease>()
  for (const { changes, lock } of group) {
    for (const { table } of changes) stores.add(table)
    const lease = locks.leaseOf(lock)
    if (lease) leases.add(lease)
  }
  if (leases.size) stores.add('leases')
  if (!stores.size) return Promise.resolve()
  return database.transact<void>([...stores], 'readwrite', (transaction, _done, fail) => {
    const write = (): void => {
      try {
        for (const { changes } of group) for (const change of changes) apply(transaction, change)
        // Without waiting for each request to report back.
        transaction.commit()
      } catch (error) {
        fail(error)
      }
    }
    verifyAll([...leases], transaction, write, fail)
  })
}

const readEntries = (database: Database, table: StorageTable, prefix: string) =>
  database.transact<readonly (readonly [string, unknown])[]>([table], 'readonly', (transaction, done) => {
    const store = transaction.objectStore(table)
    const end = prefixEnd(prefix)
    const range =
      end === undefined ? IDBKeyRange.lowerBound(prefix) : IDBKeyRange.bound(prefix, end, false, true)
    const keys = store.getAllKeys(range) as IDBRequest<string[]>
    const values = store.getAll(range)
    values.onsuccess = () => done(keys.result.map((key, index) => [key, values.result[index]] as const))
  })

const readValue = (database: Database, table: StorageTable, key: string): Promise<unknown> =>
  database.transact<unknown>([table], 'readonly', (transaction, done) => {
    const request = transaction.objectStore(table).get(key)
    request.onsuccess = () => done(request.result)
  })

/**
 * Client storage in the browser's IndexedDB, one database for each identity, with strict durability and
 * many commits in one transaction. Refusals (quota, private mode, a deleted database) reject with
 * `storage-failed`; nothing hangs. A tab's part of the outbox is guarded by Web Locks, or by leases of 15 s
 * where the page has none.
 *
 * @param name The app's name: the databases are called `name:identity`.
 * @example
 * createClient({ transport, identity: 'ada', storage: indexedDb('todo-app') })
 */
export const indexedDb = (name: string, options: IndexedDbOptions = {}): ClientStorage => ({
  keeper: createDurableKeeper,
  open: async (identity): Promise<OpenStorage> => {
    const environment = options.environment ?? createDefaultEnvironment()
    const scope = `${name}:${encodeURIComponent(identity)}`
    const manager = options.locks === undefined ? globalThis.navigator?.locks : options.locks
    const database = createDatabase(scope, environment)
    const locks = createLocks(database, `syncline/${scope}`, manager ?? undefined, environment)
    const groups = createGroupCommit((group) => writeGroup(database, locks, group))
    // Opens now, so that a browser that refuses says so at once.
    await readValue(database, 'meta', '')
    return {
      entries: (table, prefix) => readEntries(database, table, prefix),
      get: (table, key) => readValue(database, table, key),
      commit: groups.commit,
      lock: locks.take,
      close: async () => {
        await groups.idle()
        await locks.close()
        database.close()
      },
    }
  },
})
