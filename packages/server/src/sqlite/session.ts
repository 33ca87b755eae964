import type { DatabaseSync } from 'node:sqlite'
import { createCommitGroup } from './commit-group.ts'
import { createCursors } from './cursors.ts'
import { createReads } from './reads.ts'
import { createRows } from './rows.ts'
import { takeOver } from './schema.ts'
import { createTransactions } from './transactions.ts'
import { createTrim } from './trim-log.ts'

/** Takes the fence and prepares everything that works on an open database. */
export const openSession = (
  db: DatabaseSync,
  environment: { now(): number; id(): string },
  restored: boolean,
) => {
  const newEpoch = (): string => environment.id()
  const fence = takeOver(db, newEpoch, restored)
  const transactions = createTransactions(db, fence)
  const rows = createRows(db, newEpoch)
  const cursors = createCursors(db)
  return {
    now: (): number => environment.now(),
    rows,
    cursors,
    reads: createReads(db),
    trim: createTrim(db, rows),
    check: transactions.check,
    commitGroup: createCommitGroup(db, rows, transactions),
    /** One durable transaction, which takes the waiting cursors along. */
    write: <T>(work: () => T): T => {
      try {
        const result = transactions.run(() => {
          const done = work()
          cursors.write()
          return done
        })
        cursors.settled()
        return result
      } catch (error) {
        rows.clear()
        throw error
      } finally {
        rows.relax()
      }
    },
  }
}

export type Session = ReturnType<typeof openSession>
