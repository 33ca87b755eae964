import { createHash } from 'node:crypto'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { createDurableKeeper } from '../durable/index.ts'
import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import type { ClientStorage, OpenStorage, StorageChange, StorageLock } from '../storage/client-storage.ts'
import { type CommitRequest, createGroupCommit } from '../storage/group-commit.ts'
import { prefixEnd } from '../storage/key-range.ts'
import { takeFileLock } from './sqlite-lock.ts'

// UTF-16 big-endian, because SQLite compares the encoded bytes: this sorts by code unit, as the seam asks.
const SCHEMA = `
PRAGMA encoding = 'UTF-16be';
PRAGMA busy_timeout = 5000;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS entries (
  identity TEXT NOT NULL, area TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
  PRIMARY KEY (identity, area, key)
) WITHOUT ROWID`

interface Statements {
  readonly get: StatementSync
  readonly range: StatementSync
  readonly from: StatementSync
  readonly put: StatementSync
  readonly delete: StatementSync
  readonly deleteRange: StatementSync
}

const WHERE = 'WHERE identity = ? AND area = ?'

const prepare = (database: DatabaseSync): Statements => ({
  get: database.prepare(`SELECT value FROM entries ${WHERE} AND key = ?`),
  range: database.prepare(`SELECT key, value FROM entries ${WHERE} AND key >= ? AND key < ? ORDER BY key`),
  from: database.prepare(`SELECT key, value FROM entries ${WHERE} AND key >= ? ORDER BY key`),
  put: database.prepare('INSERT OR REPLACE INTO entries (identity, area, key, value) VALUES (?, ?, ?, ?)'),
  delete: database.prepare(`DELETE FROM entries ${WHERE} AND key = ?`),
  deleteRange: database.prepare(`DELETE FROM entries ${WHERE} AND key >= ? AND key <= ?`),
})

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const encode = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value ?? null))
const decode = (value: unknown): unknown => JSON.parse(decoder.decode(value as Uint8Array))

const refuse = (error: unknown): never => {
  throw error instanceof SynclineError
    ? error
    : new SynclineError('storage-failed', { cause: error, detail: toSynclineError(error).detail })
}

/** Hashed, because identities may be long and may not fit a file name. */
const lockFile = (file: string, identity: string, name: string): string =>
  `${file}-lock-${createHash('sha256')
    .update(JSON.stringify([identity, name]))
    .digest('hex')
    .slice(0, 32)}`

const openFile = (file: string): DatabaseSync => {
  const database = new DatabaseSync(file)
  try {
    database.exec(SCHEMA)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

const openIdentity = (file: string, identity: string): OpenStorage => {
  const database = openFile(file)
  const statements = prepare(database)
  const locks = new Map<string, StorageLock>()
  let closed = false

  const check = (): void => {
    if (closed) throw new SynclineError('storage-failed', { detail: 'The storage is closed.' })
  }
  const guarded = async <T>(read: () => T): Promise<T> => {
    try {
      check()
      return read()
    } catch (error) {
      return refuse(error)
    }
  }
  const apply = (change: StorageChange): void => {
    const { table } = change
    if (change.op === 'put') statements.put.run(identity, table, change.key, encode(change.value))
    else if (change.op === 'delete') statements.delete.run(identity, table, change.key)
    else statements.deleteRange.run(identity, table, change.from, change.to)
  }
  const write = (group: readonly CommitRequest[]): Promise<void> =>
    guarded(() => {
      database.exec('BEGIN IMMEDIATE')
      try {
        for (const { changes } of group) for (const change of changes) apply(change)
        database.exec('COMMIT')
      } catch (error) {
        // A full disk may have ended the transaction by itself.
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
    })
  const groups = createGroupCommit(write)

  const lock = (name: string): StorageLock | undefined => {
    if (locks.has(name)) return undefined
    const taken: StorageLock | undefined =
      file === ':memory:' ? { release: () => {} } : takeFileLock(lockFile(file, identity, name))
    if (!taken) return undefined
    locks.set(name, taken)
    const release = (): void => {
      if (locks.get(name) === taken) locks.delete(name)
      taken.release()
    }
    return { release }
  }

  return {
    entries: (table, prefix) =>
      guarded(() => {
        const end = prefixEnd(prefix)
        const rows =
          end === undefined
            ? statements.from.all(identity, table, prefix)
            : statements.range.all(identity, table, prefix, end)
        return rows.map((row) => [row.key as string, decode(row.value)] as const)
      }),
    get: (table, key) =>
      guarded(() => {
        const row = statements.get.get(identity, table, key)
        return row && decode(row.value)
      }),
    commit: groups.commit,
    lock: (name) => guarded(() => lock(name)),
    close: async () => {
      await groups.idle()
      if (closed) return
      closed = true
      for (const held of locks.values()) held.release()
      locks.clear()
      database.close()
    },
  }
}

/**
 * Client storage in an SQLite file, for Node (≥ 22.13) and Electron. Durable: write-ahead log with
 * `synchronous = FULL`, many commits in one transaction. Several processes may share the file; locks are
 * those of the operating system, in small files beside it while they are held.
 *
 * @param file A path, or `:memory:` for a database that nothing else sees.
 * @example
 * createClient({ transport, identity: 'ada', storage: sqliteStorage('outbox.db') })
 */
export const sqliteStorage = (file: string): ClientStorage => ({
  ...(file !== ':memory:' && { keeper: createDurableKeeper }),
  open: async (identity) => {
    try {
      return openIdentity(file, identity)
    } catch (error) {
      return refuse(error)
    }
  },
})
