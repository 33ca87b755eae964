import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { giveUp } from './give-up.ts'

/** SQLite's SQLITE_BUSY. */
const busy = 5

/**
 * Makes sure that nobody else serves what is in this folder: a second hub on a store takes it from the first. The
 * lock is SQLite's, and goes with the process, however that ends.
 *
 * @param advice what the person can do where somebody else has it
 */
export const holdFolder = (folder: string, advice: string): DatabaseSync => {
  const lock = new DatabaseSync(join(folder, 'lock.db'))
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== busy) throw error
    return giveUp(`Another process serves what is in ${folder}. ${advice}`)
  }
}
