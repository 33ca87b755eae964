import { statSync, unlinkSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { StorageLock } from '../storage/client-storage.ts'

const inode = (path: string): bigint | undefined =>
  statSync(path, { bigint: true, throwIfNoEntry: false })?.ino

/** SQLITE_BUSY (https://sqlite.org/rescode.html): somebody else holds the lock. */
const isBusy = (error: unknown): boolean => ((error as { errcode?: number }).errcode ?? 0) % 256 === 5

const begin = (database: DatabaseSync): boolean => {
  try {
    // No waiting, and no journal file beside the lock.
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (isBusy(error)) return false
    throw error
  }
}

/** Best effort: Windows refuses to delete a file that another process has open, and the next holder uses it again. */
const unlinkQuietly = (path: string): void => {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!['ENOENT', 'EBUSY', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

/**
 * An exclusive lock that the operating system frees when its process dies: SQLite's own file lock on a file
 * of its own, which is deleted under the lock. Whoever took the lock of a file that was deleted meanwhile
 * tries again: the inode tells.
 */
export const takeFileLock = (path: string): StorageLock | undefined => {
  for (;;) {
    const before = inode(path)
    const database = new DatabaseSync(path)
    try {
      if (!begin(database)) {
        database.close()
        return undefined
      }
    } catch (error) {
      database.close()
      throw error
    }
    if (before !== undefined && before === inode(path)) {
      let held = true
      const release = (): void => {
        if (!held) return
        held = false
        unlinkQuietly(path)
        database.close()
      }
      return { release }
    }
    database.close()
  }
}
