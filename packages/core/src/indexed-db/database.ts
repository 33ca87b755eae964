import { type IDBPDatabase, openDB, unwrap } from 'idb'
import type { Environment } from '../environment/environment.ts'
import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'

/** One object store for each table of the seam, and one for leases. */
const STORES = ['outbox', 'streams', 'views', 'meta', 'leases'] as const
export type StoreName = (typeof STORES)[number]

/** Some browsers now and then never answer `indexedDB.open`; after this many milliseconds that is a failure. */
const OPEN_TIMEOUT = 10_000

export const storageFailed = (cause: unknown, detail?: string): SynclineError =>
  cause instanceof SynclineError
    ? cause
    : new SynclineError('storage-failed', { cause, detail: detail ?? toSynclineError(cause).detail })

/** A connection that opens again when the browser closed it, unless its data were deleted meanwhile. */
export interface Database {
  /** Runs `work` in a transaction; resolves once it is durable, rejects with `storage-failed`. */
  transact<T>(
    stores: readonly StoreName[],
    mode: 'readonly' | 'readwrite',
    work: (transaction: IDBTransaction, done: (value: T) => void, fail: (error: unknown) => void) => void,
  ): Promise<T>
  close(): void
}

const openConnection = (
  name: string,
  environment: Pick<Environment, 'setTimer'>,
  again: boolean,
  onEnd: () => void,
): Promise<IDBPDatabase> =>
  new Promise((resolve, reject) => {
    let over = false
    let created = false
    const fail = (detail: string, cause?: unknown): void => {
      over = true
      cancel()
      reject(storageFailed(cause, detail))
    }
    const cancel = environment.setTimer(OPEN_TIMEOUT, () => fail('IndexedDB did not open in time.'))
    openDB(name, 1, {
      upgrade: (database) => {
        created = true
        for (const store of STORES) database.createObjectStore(store)
      },
      blocked: () => fail('Another page holds an older version of the database open.'),
      blocking: (_current, _blocked, event) => {
        onEnd()
        ;(event.target as IDBDatabase).close()
      },
      terminated: onEnd,
    }).then(
      (database) => {
        cancel()
        if (!over && !(again && created)) return resolve(database)
        database.close()
        if (!over) fail('The database was deleted while it was in use.')
      },
      (error: unknown) => fail(toSynclineError(error).message, error),
    )
  })

export const createDatabase = (name: string, environment: Pick<Environment, 'setTimer'>): Database => {
  let connection: Promise<IDBPDatabase> | undefined
  let opened = false
  let closed = false

  const connect = (): Promise<IDBPDatabase> => {
    if (closed) throw new SynclineError('storage-failed', { detail: 'The storage is closed.' })
    if (connection) return connection
    const forget = (): void => {
      if (connection === mine) connection = undefined
    }
    const mine = openConnection(name, environment, opened, forget)
    connection = mine
    mine.then(() => (opened = true), forget)
    return mine
  }

  return {
    transact: async (stores, mode, work) => {
      try {
        // The bare interface: idb's promise for each request costs more than the request.
        const database = unwrap(await connect())
        return await new Promise((resolve, reject) => {
          const transaction = database.transaction(stores, mode, { durability: 'strict' })
          let failure: unknown
          let result: Parameters<typeof resolve>[0]
          const fail = (error: unknown): void => {
            failure = error
            transaction.abort()
          }
          transaction.oncomplete = () => resolve(result)
          transaction.onabort = () =>
            reject(failure ?? transaction.error ?? new Error('The browser ended the transaction.'))
          try {
            work(transaction, (value) => (result = value), fail)
          } catch (error) {
            fail(error)
          }
        })
      } catch (error) {
        throw storageFailed(error)
      }
    },
    close: () => {
      closed = true
      connection?.then(
        (database) => database.close(),
        () => {},
      )
    },
  }
}
