import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { SynclineError } from '@syncline/core'
import type { HubStore } from '../store/hub-store.ts'
import { recordOf } from './reads.ts'
import { openSession, type Session } from './session.ts'
import { toStoreError } from './store-error.ts'

export interface SqliteStoreOptions {
  /**
   * Say `true` for the one start after the file was restored from a backup: every channel gets a new epoch and
   * clients go on from a snapshot. Without it the hub still finds out, by the ids of messages, but only where
   * a client's last message differs from the log's. Default `false`.
   */
  readonly restored?: boolean
  /** Milliseconds to wait (the process stands still) while another process writes the file. Default 1,000. */
  readonly busyTimeout?: number
}

const attempt = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw toStoreError(error)
  }
}

/** Writes the cursors that still wait; a store that was fenced off has nothing more to say. */
const lastCursors = ({ cursors, write }: Session): void => {
  if (!cursors.waiting) return
  try {
    write(() => undefined)
  } catch (error) {
    if (!(error instanceof SynclineError && error.code === 'fenced')) throw error
  }
}

/** What holds for a connection and not for the file. */
const configure = (db: DatabaseSync, busyTimeout: number): DatabaseSync => {
  const { journal_mode: mode } = db.prepare('PRAGMA journal_mode = WAL').get()!
  if (mode !== 'wal' && mode !== 'memory')
    throw new SynclineError('store-unavailable', { detail: `The file cannot use WAL (it says ${mode}).` })
  db.exec(
    `PRAGMA synchronous = FULL; PRAGMA busy_timeout = ${busyTimeout}; PRAGMA journal_size_limit = 67108864`,
  )
  return db
}

/**
 * A hub store in one SQLite file (`node:sqlite`, Node ≥ 22.13), durable at each commit: WAL, `synchronous`
 * FULL, one transaction for a group of commits. Its tables begin with `syncline_`; the app's own may live
 * beside them, and `store.db` is the `DatabaseSync` to make and read them. One hub at a time: a second one
 * that opens the file fences the first off.
 *
 * Throws `store-unavailable` when the file cannot be opened.
 *
 * @example
 * const store = sqliteStore('hub.db')
 * store.db.exec('CREATE TABLE IF NOT EXISTS todos (id TEXT PRIMARY KEY, text TEXT NOT NULL)')
 * const hub = createHub({ store, … })
 */
export const sqliteStore = (file: string, options: SqliteStoreOptions = {}): HubStore<DatabaseSync> => {
  const busyTimeout = options.busyTimeout ?? 1_000
  const db = attempt(() => configure(new DatabaseSync(file), busyTimeout))
  let isOpen = true
  let restored = options.restored ?? false
  let session: Session | undefined
  let creating: { readonly names: Set<string>; readonly done: Promise<void> } | undefined

  const opened = (): Session => {
    if (!session) throw new SynclineError('store-unavailable', { detail: 'The store is not open.' })
    return session
  }
  const read = async <T>(work: (session: Session) => T): Promise<T> => attempt(() => work(opened()))

  /** Channels that are new in the same turn are made in one transaction. */
  const create = (name: string): Promise<void> => {
    if (!creating) {
      const names = new Set<string>()
      const done = Promise.resolve().then(() => {
        creating = undefined
        const { rows, write } = opened()
        write(() => {
          for (const each of names) rows.channel(each)
        })
      })
      creating = { names, done }
    }
    creating.names.add(name)
    return creating.done
  }

  return {
    name: 'sqlite',
    durable: file !== '' && file !== ':memory:',
    db,
    open: async (environment) => {
      attempt(() => {
        if (!isOpen) {
          db.open()
          isOpen = true
          configure(db, busyTimeout)
        }
        session = openSession(db, environment, restored)
        restored = false
      })
    },
    channel: async (name) => {
      if (!(await read(({ rows }) => rows.findChannel(name)))) await create(name)
      return read(({ rows }) => recordOf(rows.findChannel(name)!))
    },
    channels: () => read(({ reads }) => reads.channels()),
    at: (channel, seq) =>
      read(({ rows, reads }) => {
        const row = rows.findChannel(channel)
        return row && reads.at(row, seq)
      }),
    read: (channel, after, limit, bytes) =>
      read(({ rows, reads }) => {
        const row = rows.findChannel(channel)
        return row ? reads.page(row, after, limit, bytes) : []
      }),
    stream: (key) =>
      read(({ rows, reads }) => {
        const row = rows.findStream(key)
        return row && { last: row.last, answers: reads.answers(row.id) }
      }),
    commit: async (group) => {
      const { write, commitGroup, check, now } = opened()
      if (group.length > 0) return write(() => commitGroup(group, now()))
      attempt(check)
      return []
    },
    trim: async (retention, streamAge) => {
      const started = opened()
      const { now, trim, write } = started
      const trimChannels = trim.channels(retention, now())
      const since = now() - streamAge
      for (const more of [trimChannels, () => trim.streams(since)])
        while (session === started && write(more)) await nextTurn()
    },
    cursor: (gateway, channel) => read(({ cursors }) => cursors.get(gateway, channel)),
    setCursor: (gateway, channel, seq) => read(({ cursors }) => cursors.set(gateway, channel, seq)),
    close: async () => {
      const closing = session
      session = undefined
      try {
        if (closing) lastCursors(closing)
      } finally {
        if (isOpen) db.close()
        isOpen = false
      }
    },
  }
}
