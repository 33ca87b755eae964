import { SynclineError } from '@syncline/core'

/**
 * SQLite's primary result codes that speak of the machine and not of a statement: PERM, BUSY, LOCKED, NOMEM,
 * READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB (https://sqlite.org/rescode.html).
 */
const machine = new Set([3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26])

/** True when the store failed and not the statement that happened to be running. */
export const isStoreFailure = (error: unknown): boolean =>
  error instanceof Error &&
  'errcode' in error &&
  typeof error.errcode === 'number' &&
  machine.has(error.errcode & 0xff)

/** What a store throws: its own errors as they are, anything of SQLite's as `store-unavailable`. */
export const toStoreError = (cause: unknown): SynclineError =>
  cause instanceof SynclineError
    ? cause
    : new SynclineError('store-unavailable', {
        cause,
        detail: `SQLite: ${cause instanceof Error ? cause.message : String(cause)}.`,
      })
