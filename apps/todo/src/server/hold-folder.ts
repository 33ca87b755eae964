import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { dataFolder } from './data-folder.ts'
import { giveUp } from './give-up.ts'

/** SQLite's SQLITE_BUSY. */
const busy = 5

/**
 * Makes sure that nobody else serves this list: a second hub on a store takes it from the first. The lock is
 * SQLite's, and goes with the process, however that ends.
 */
export const holdFolder = (): DatabaseSync => {
  const lock = new DatabaseSync(join(dataFolder(), 'lock.db'))
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== busy) throw error
    return giveUp(`Another process serves the list in ${dataFolder()}. Stop that one, or set TODO_DATA.`)
  }
}
