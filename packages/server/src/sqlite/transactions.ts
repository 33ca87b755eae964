import type { DatabaseSync } from 'node:sqlite'
import { SynclineError } from '@syncline/core'
import { toStoreError } from './store-error.ts'

/** The hub's transactions on one database, fenced. */
export interface Transactions {
  /** Runs `work` in one transaction; any throw takes everything back and comes out as a store error. */
  run<T>(work: () => T): T
  /** @throws SynclineError `fenced` when another has opened the file since. */
  check(): void
  /** Runs `work` so that its own writes alone are taken back if it throws. Only inside `run`. */
  isolate<T>(work: () => T): T
  /** True when the running transaction is gone, by a handler's doing or SQLite's. */
  ended(): boolean
}

/** Codes of SQLite's authorizer (https://sqlite.org/c3ref/c_alter_table.html). */
const TRANSACTION = 22
const DENY = 1
const OK = 0

/** `ROLLBACK` where there is something to roll back: on some errors SQLite itself does it. */
const rollback = (db: DatabaseSync): void => {
  if (db.isTransaction !== false) db.exec('ROLLBACK')
}

const endedByHandler = (): SynclineError =>
  new SynclineError('store-unavailable', {
    detail: "A handler ended the hub's transaction: no BEGIN, COMMIT, ROLLBACK or OR ROLLBACK in handlers.",
  })

export const createTransactions = (db: DatabaseSync, fence: number): Transactions => {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const fenceNow = db.prepare("SELECT value FROM syncline_meta WHERE key = 'fence'")
  const savepoint = db.prepare('SAVEPOINT syncline_commit')
  const back = db.prepare('ROLLBACK TO syncline_commit')
  const release = db.prepare('RELEASE syncline_commit')
  let guarded = false
  let ended = false

  // Node ≥ 24.10 can refuse what would end the transaction; elsewhere it is noticed at the savepoint.
  db.setAuthorizer?.((action) => (guarded && action === TRANSACTION ? DENY : OK))

  const guard = <T>(work: () => T): T => {
    guarded = true
    try {
      return work()
    } finally {
      guarded = false
    }
  }
  /** The savepoint's own statements fail only when the transaction around it has gone. */
  const leave = (undo: boolean): void => {
    try {
      if (undo) back.run()
      release.run()
    } catch {
      ended = true
      throw endedByHandler()
    }
  }
  const check = (): void => {
    if (fenceNow.get()?.value !== fence) throw new SynclineError('fenced')
  }
  const attempt = <T>(work: () => T): T => {
    check()
    const result = work()
    commit.run()
    return result
  }

  return {
    check,
    run: (work) => {
      ended = false
      try {
        begin.run()
      } catch (error) {
        throw toStoreError(error)
      }
      try {
        return attempt(work)
      } catch (error) {
        rollback(db)
        throw toStoreError(error)
      }
    },
    isolate: (work) => {
      savepoint.run()
      let result: ReturnType<typeof work>
      try {
        result = guard(work)
      } catch (error) {
        leave(true)
        throw error
      }
      leave(false)
      return result
    },
    ended: () => ended || db.isTransaction === false,
  }
}
