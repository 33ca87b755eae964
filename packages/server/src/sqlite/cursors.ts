import type { DatabaseSync } from 'node:sqlite'

/**
 * Fan-out cursors. They ride on the next transaction instead of paying for one: a cursor that lags after a
 * crash only makes the hub send something again.
 */
export const createCursors = (db: DatabaseSync) => {
  const select = db.prepare('SELECT seq FROM syncline_cursors WHERE gateway = ? AND channel = ?')
  const upsert = db.prepare(
    'INSERT OR REPLACE INTO syncline_cursors (gateway, channel, seq) VALUES (?, ?, ?)',
  )
  const pending = new Map<string, Map<string, number>>()
  return {
    get: (gateway: string, channel: string): number =>
      pending.get(gateway)?.get(channel) ?? (select.get(gateway, channel)?.seq as number | undefined) ?? 0,
    set: (gateway: string, channel: string, seq: number): void => {
      const of = pending.get(gateway)
      if (of) of.set(channel, seq)
      else pending.set(gateway, new Map([[channel, seq]]))
    },
    /** Inside a transaction; `settled` once it is committed. */
    write: (): void => {
      for (const [gateway, of] of pending) for (const [channel, seq] of of) upsert.run(gateway, channel, seq)
    },
    settled: (): void => pending.clear(),
    get waiting(): boolean {
      return pending.size > 0
    },
  }
}

export type Cursors = ReturnType<typeof createCursors>
