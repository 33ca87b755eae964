import type { DatabaseSync } from 'node:sqlite'
import { SynclineError } from '@syncline/core'

/**
 * What turns version n of the tables into version n + 1. The version is kept in `syncline_meta`;
 * `user_version` belongs to the app whose tables may live in the same file.
 *
 * Messages and answers have a rowid: without one, what is longer than a quarter of a page takes a page of its own
 * (https://sqlite.org/withoutrowid.html, 4).
 */
const migrations: readonly string[] = [
  `CREATE TABLE syncline_channels (
     id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL,
     seq INTEGER NOT NULL DEFAULT 0, last_id TEXT NOT NULL DEFAULT '', oldest INTEGER NOT NULL DEFAULT 1
   ) STRICT;
   CREATE TABLE syncline_messages (
     channel INTEGER NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, timestamp INTEGER NOT NULL,
     json TEXT NOT NULL, PRIMARY KEY (channel, seq)
   ) STRICT;
   CREATE TABLE syncline_streams (
     id INTEGER PRIMARY KEY, subject TEXT NOT NULL, client TEXT NOT NULL, channel TEXT NOT NULL,
     generation INTEGER NOT NULL, last INTEGER NOT NULL DEFAULT 0, answered INTEGER NOT NULL DEFAULT 0,
     used INTEGER NOT NULL, UNIQUE (subject, client, channel, generation)
   ) STRICT;
   CREATE TABLE syncline_answers (
     stream INTEGER NOT NULL, n INTEGER NOT NULL, id TEXT NOT NULL, hash TEXT NOT NULL, outcome TEXT NOT NULL,
     PRIMARY KEY (stream, n)
   ) STRICT;
   CREATE TABLE syncline_cursors (
     gateway TEXT NOT NULL, channel TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (gateway, channel)
   ) STRICT, WITHOUT ROWID;`,
]

const metaOf = (db: DatabaseSync, key: string): number => {
  const row = db.prepare('SELECT value FROM syncline_meta WHERE key = ?').get(key)
  return row ? Number(row.value) : 0
}

const setMeta = (db: DatabaseSync, key: string, value: number): void => {
  db.prepare('INSERT OR REPLACE INTO syncline_meta (key, value) VALUES (?, ?)').run(key, value)
}

const migrate = (db: DatabaseSync): void => {
  db.exec(
    'CREATE TABLE IF NOT EXISTS syncline_meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID',
  )
  const version = metaOf(db, 'schema')
  if (version > migrations.length)
    throw new SynclineError('store-unavailable', {
      detail: `The file was written by a newer version (schema ${version}, this one knows ${migrations.length}).`,
    })
  if (version === migrations.length) return
  for (const migration of migrations.slice(version)) db.exec(migration)
  setMeta(db, 'schema', migrations.length)
}

/** After a restored backup: every log starts anew, so that no position is read as one of the lost log. */
const startNewEpochs = (db: DatabaseSync, newEpoch: () => string): void => {
  db.exec('DELETE FROM syncline_messages; DELETE FROM syncline_cursors')
  const restart = db.prepare(
    "UPDATE syncline_channels SET epoch = ?, seq = 0, last_id = '', oldest = 1 WHERE id = ?",
  )
  for (const { id } of db.prepare('SELECT id FROM syncline_channels').all())
    restart.run(newEpoch(), id as number)
}

/**
 * Makes or upgrades the tables and takes the fence: a number that grows with each opener, so that a commit of
 * an older one is refused.
 */
export const takeOver = (db: DatabaseSync, newEpoch: () => string, restored: boolean): number => {
  db.exec('BEGIN IMMEDIATE')
  try {
    migrate(db)
    const fence = metaOf(db, 'fence') + 1
    setMeta(db, 'fence', fence)
    if (restored) startNewEpochs(db, newEpoch)
    db.exec('COMMIT')
    return fence
  } catch (error) {
    if (db.isTransaction !== false) db.exec('ROLLBACK')
    throw error
  }
}
