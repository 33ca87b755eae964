import type { DatabaseSync } from 'node:sqlite'
import type { Retention } from '../store/hub-store.ts'
import type { Rows } from './rows.ts'

/** Rows in one step, so that commits do not wait long. */
const step = 500
/** What looking at one channel counts for. */
const look = 10

/**
 * Trims the log in small steps; each is one short transaction, and `true` says that another one is needed.
 */
export const createTrim = (db: DatabaseSync, rows: Rows) => {
  const names = db.prepare('SELECT name FROM syncline_channels WHERE oldest <= seq')
  const firstSince = db.prepare(
    'SELECT seq FROM syncline_messages WHERE channel = ? AND seq >= ? AND timestamp >= ? ORDER BY seq LIMIT 1',
  )
  const drop = db.prepare('DELETE FROM syncline_messages WHERE channel = ? AND seq < ?')
  const setOldest = db.prepare('UPDATE syncline_channels SET oldest = ? WHERE id = ?')
  const idle = 'SELECT id FROM syncline_streams WHERE used < ? ORDER BY id LIMIT ?'
  const dropAnswers = db.prepare(`DELETE FROM syncline_answers WHERE stream IN (${idle})`)
  const dropStreams = db.prepare(`DELETE FROM syncline_streams WHERE id IN (${idle})`)

  /** Drops at most `most` of a channel's messages; returns how many places it moved. */
  const trimChannel = (name: string, since: number, count: number, most: number): number => {
    const row = rows.findChannel(name)
    if (!row) return 0
    const byCount = row.seq - count + 1
    const byAge = (firstSince.get(row.id, row.oldest, since)?.seq as number | undefined) ?? row.seq + 1
    const target = Math.min(Math.max(byCount, byAge), row.seq + 1, row.oldest + most)
    if (target <= row.oldest) return 0
    const moved = target - row.oldest
    drop.run(row.id, target)
    setOldest.run(target, row.id)
    row.oldest = target
    return moved
  }

  return {
    /** A trim of all channels as steps. */
    channels: (retention: (channel: string) => Retention, now: number): (() => boolean) => {
      const todo = names.all().map((row) => row.name as string)
      return () => {
        let left = step
        for (let name = todo.at(-1); name !== undefined && left > 0; name = todo.at(-1)) {
          const { count, age } = retention(name)
          const moved = trimChannel(name, now - age, count, left)
          left -= moved + look
          if (left > 0) todo.pop()
        }
        return todo.length > 0
      }
    },
    /** One step over streams that were last used before `since`. */
    streams: (since: number): boolean => {
      dropAnswers.run(since, step)
      const dropped = Number(dropStreams.run(since, step).changes)
      if (dropped > 0) rows.forgetStreams()
      return dropped === step
    },
  }
}
