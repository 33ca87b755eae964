import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SynclineError } from '@syncline/core'
import { createVirtualTime, hubStoreSuite } from '@syncline/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Commit, CommitOutcome, HubStore, StreamKey } from '../store/hub-store.ts'
import { type SqliteStoreOptions, sqliteStore } from './sqlite-store.ts'

hubStoreSuite('sqliteStore', () => {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-'))
  return {
    create: () => sqliteStore(join(folder, 'hub.db')),
    dispose: () => rmSync(folder, { recursive: true }),
  }
})

type Store = HubStore<DatabaseSync>

let folder: string
let file: string
let stores: Store[]
const { environment } = createVirtualTime()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'syncline-'))
  file = join(folder, 'hub.db')
  stores = []
})
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()))
  rmSync(folder, { recursive: true })
})

const open = async (options?: SqliteStoreOptions, path = file): Promise<Store> => {
  const store = sqliteStore(path, options)
  stores.push(store)
  await store.open(environment)
  return store
}

const key: StreamKey = { subject: 'ada', client: 'laptop', channel: 'todos', generation: 1 }
const message = (id: string, size = 0) => ({
  id,
  timestamp: 0,
  encode: () => JSON.stringify('x'.repeat(size)),
})
const append = (id: string, size = 0): Commit<DatabaseSync> => ({
  plan: () => ({ appends: [{ channel: 'todos', messages: [message(id, size)] }] }),
})
const write = (n: number, answered = 0): Commit<DatabaseSync> => ({
  plan: () => ({
    appends: [{ channel: 'todos', messages: [message(`m${n}`)] }],
    stream: {
      key,
      n,
      answered,
      answer: (effects) => ({
        n,
        id: `w${n}`,
        hash: 'h',
        outcome: { type: 'accepted', result: 'null', effects },
      }),
    },
  }),
})
/** A handler that works on the app's own tables, then publishes. */
const handler = (id: string, work: (db: DatabaseSync) => void): Commit<DatabaseSync> => ({
  isolated: true,
  plan: (db) => {
    work(db)
    return { appends: [{ channel: 'todos', messages: [message(id)] }] }
  },
})
const addTodo = (id: string) => (db: DatabaseSync) =>
  void db.prepare('INSERT INTO todos (id) VALUES (?)').run(id)
const makeTodos = (store: Store): void => store.db.exec('CREATE TABLE todos (id TEXT PRIMARY KEY)')
const todos = ({ db }: Store): unknown[] =>
  db
    .prepare('SELECT id FROM todos ORDER BY rowid')
    .all()
    .map(({ id }) => id)
const ids = async (store: Store): Promise<string[]> =>
  (await store.read('todos', 0, 1e4, 1e9)).map(({ id }) => id)
const oks = (outcomes: readonly CommitOutcome[]): boolean[] => outcomes.map(({ ok }) => ok)
const codeOf = (error: unknown): unknown => (error instanceof SynclineError ? error.code : error)
const codeOfThrown = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return codeOf(error)
  }
}

describe("an app's own tables", () => {
  test('live beside the hub’s, whose names and version do not touch them', async () => {
    const store = sqliteStore(file)
    stores.push(store)
    store.db.exec('PRAGMA user_version = 7; CREATE TABLE messages (id TEXT)')
    await store.open(environment)
    await store.commit([append('a')])
    expect(store.db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 7 })
    const names = store.db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
    expect(names.map(({ name }) => name).filter((name) => !String(name).startsWith('syncline_'))).toEqual([
      'messages',
    ])
  })

  test('commit with the messages, and a handler sees what was committed before it', async () => {
    const store = await open()
    makeTodos(store)
    let seen: unknown[] = []
    await store.commit([
      handler('a', addTodo('a')),
      append('b'),
      handler('c', (db) => {
        seen = [
          db.prepare('SELECT count(*) AS n FROM todos').get()?.n,
          db.prepare('SELECT seq, last_id FROM syncline_channels').get(),
        ]
        addTodo('c')(db)
      }),
    ])
    expect(seen).toEqual([1, { seq: 2, last_id: 'b' }])
    expect([todos(store), await ids(store)]).toEqual([
      ['a', 'c'],
      ['a', 'b', 'c'],
    ])
  })

  test('are as they were when the handler throws, and the others of the group stay', async () => {
    const store = await open()
    makeTodos(store)
    const refused = handler('b', (db) => {
      addTodo('b')(db)
      throw new Error('no')
    })
    const duplicate = handler('d', addTodo('a'))
    const outcomes = await store.commit([
      handler('a', addTodo('a')),
      refused,
      append('c'),
      duplicate,
      write(1),
    ])
    expect(oks(outcomes)).toEqual([true, false, true, false, true])
    expect([todos(store), await ids(store)]).toEqual([['a'], ['a', 'c', 'm1']])
    expect((await store.stream(key))?.last).toBe(1)
  })

  test('are as they were when what the handler publishes cannot be encoded', async () => {
    const store = await open()
    makeTodos(store)
    const bad: Commit<DatabaseSync> = {
      isolated: true,
      plan: (db) => {
        addTodo('a')(db)
        const encode = () => JSON.stringify({ big: 1n })
        return {
          appends: [{ channel: 'todos', messages: [message('a'), { id: 'b', timestamp: 0, encode }] }],
        }
      },
    }
    const result = await store.commit([bad, append('c')])
    expect(oks(result)).toEqual([false, true])
    expect([todos(store), await ids(store)]).toEqual([[], ['c']])
  })

  test('an answer that cannot be encoded is left out alone', async () => {
    const store = await open()
    const bad: Commit<DatabaseSync> = {
      plan: () => ({
        appends: [{ channel: 'todos', messages: [message('a')] }],
        stream: {
          key,
          n: 1,
          answered: 0,
          answer: () => ({
            n: 1,
            id: 'w',
            hash: 'h',
            outcome: { type: 'rejected', error: { code: 'rejected', detail: 1n as never } },
          }),
        },
      }),
    }
    expect(oks(await store.commit([bad, write(1)]))).toEqual([false, true])
    expect(await ids(store)).toEqual(['m1'])
  })

  test.each(['COMMIT', 'ROLLBACK', 'END; BEGIN'])(
    'a handler cannot end the hub’s transaction with %s',
    async (sql) => {
      const store = await open()
      makeTodos(store)
      const rogue = handler('b', (db) => {
        addTodo('b')(db)
        db.exec(sql)
      })
      const outcomes = await store.commit([write(1), rogue, append('c')]).catch(codeOf)
      expect(Array.isArray(outcomes) ? oks(outcomes) : outcomes).toEqual(
        'setAuthorizer' in store.db ? [true, false, true] : 'store-unavailable',
      )
      const { length } = await ids(store)
      expect((await store.channel('todos')).head.seq).toBe(length)
      expect(oks(await store.commit([append('d')]))).toEqual([true])
    },
  )

  test('a handler whose statement rolls everything back fails the group, and nothing of it is there', async () => {
    const store = await open()
    makeTodos(store)
    await store.commit([handler('a', addTodo('a'))])
    const rogue = handler('b', (db) => db.exec("INSERT OR ROLLBACK INTO todos VALUES ('a')"))
    expect(await store.commit([write(1), rogue, append('c')]).catch(codeOf)).toBe('store-unavailable')
    expect([await ids(store), await store.stream(key)]).toEqual([['a'], undefined])
    expect(oks(await store.commit([write(1)]))).toEqual([true])
    expect((await store.read('todos', 0, 9, 1e6)).map(({ seq }) => seq)).toEqual([1, 2])
  })

  test('a transaction that the app left open is not the hub’s to end', async () => {
    const store = await open()
    makeTodos(store)
    store.db.exec("BEGIN; INSERT INTO todos VALUES ('mine')")
    expect(await store.commit([append('a')]).catch(codeOf)).toBe('store-unavailable')
    store.db.exec('COMMIT')
    expect(todos(store)).toEqual(['mine'])
    expect(oks(await store.commit([append('a')]))).toEqual([true])
  })
})

describe('a store that cannot write', () => {
  test('a full file refuses the whole group, and goes on once there is room', async () => {
    const store = await open()
    await store.commit([append('a')])
    const pages = Number(store.db.prepare('PRAGMA page_count').get()?.page_count)
    store.db.exec(`PRAGMA max_page_count = ${pages + 4}`)
    const group = [append('b'), write(1), append('c', 1e6)]
    expect(await store.commit(group).catch(codeOf)).toBe('store-unavailable')
    expect([await ids(store), await store.stream(key)]).toEqual([['a'], undefined])
    expect(oks(await store.commit([append('small')]))).toEqual([true])
    store.db.exec('PRAGMA max_page_count = 1000000')
    expect(oks(await store.commit(group))).toEqual([true, true, true])
    const log = await store.read('todos', 0, 9, 1e9)
    expect(log.map(({ seq, id }) => [seq, id])).toEqual([
      [1, 'a'],
      [2, 'small'],
      [3, 'b'],
      [4, 'm1'],
      [5, 'c'],
    ])
  })

  test('a full file in the middle of a handler is the store’s failure and not the handler’s', async () => {
    const store = await open()
    makeTodos(store)
    await store.commit([append('a')])
    const pages = Number(store.db.prepare('PRAGMA page_count').get()?.page_count)
    store.db.exec(`PRAGMA max_page_count = ${pages + 4}`)
    const group = [write(1), handler('b', addTodo('x'.repeat(1e6)))]
    expect(await store.commit(group).catch(codeOf)).toBe('store-unavailable')
    expect([todos(store), await ids(store), await store.stream(key)]).toEqual([[], ['a'], undefined])
    store.db.exec('PRAGMA max_page_count = 1000000')
    expect(oks(await store.commit(group))).toEqual([true, true])
  })

  test('a new channel is refused like a commit', async () => {
    const store = await open()
    const pages = Number(store.db.prepare('PRAGMA page_count').get()?.page_count)
    store.db.exec(`PRAGMA max_page_count = ${pages}`)
    const long = 'n'.repeat(10_000)
    expect(await store.channel(long).catch(codeOf)).toBe('store-unavailable')
    store.db.exec('PRAGMA max_page_count = 1000000')
    expect((await store.channel(long)).head.seq).toBe(0)
  })

  test('a file that somebody else is writing is waited for, then refused', async () => {
    const store = await open({ busyTimeout: 20 })
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    expect(await store.commit([append('a')]).catch(codeOf)).toBe('store-unavailable')
    other.close()
    expect(oks(await store.commit([append('a')]))).toEqual([true])
  })

  test('what is no database, or lies nowhere, is refused at once', async () => {
    writeFileSync(join(folder, 'text.db'), 'not a database, but long enough to be looked at'.repeat(100))
    expect(codeOfThrown(() => sqliteStore(join(folder, 'text.db')))).toBe('store-unavailable')
    expect(codeOfThrown(() => sqliteStore(join(folder, 'no', 'hub.db')))).toBe('store-unavailable')
  })

  test('a file of a newer version is left alone', async () => {
    const store = await open()
    store.db.exec("UPDATE syncline_meta SET value = 99 WHERE key = 'schema'")
    const before = store.db.prepare('SELECT * FROM syncline_meta').all()
    await expect(open()).rejects.toMatchObject({
      code: 'store-unavailable',
      detail: expect.stringContaining('99'),
    })
    expect(store.db.prepare('SELECT * FROM syncline_meta').all()).toEqual(before)
  })
})

describe('durability and backups', () => {
  test('commits are durable: WAL, synchronous FULL', async () => {
    const { db, durable } = await open()
    expect([db.prepare('PRAGMA journal_mode').get(), db.prepare('PRAGMA synchronous').get()]).toEqual([
      { journal_mode: 'wal' },
      { synchronous: 2 },
    ])
    expect(durable).toBe(true)
    expect((await open({}, ':memory:')).durable).toBe(false)
  })

  test('an older opener is fenced off for good, its cursors and its close included', async () => {
    const older = await open()
    await older.setCursor('pusher', 'todos', 9)
    expect(await older.commit([])).toEqual([])
    const newer = await open()
    expect(await older.commit([]).catch(codeOf)).toBe('fenced')
    expect(await newer.commit([])).toEqual([])
    expect(await older.commit([append('a')]).catch(codeOf)).toBe('fenced')
    expect(await older.trim(() => ({ count: 1, age: 1 }), 1).catch(codeOf)).toBe('fenced')
    await older.close()
    expect([await ids(newer), await newer.cursor('pusher', 'todos')]).toEqual([[], 0])
  })

  test('a store can be closed and opened again, with its own db', async () => {
    const store = await open()
    await store.commit([append('a')])
    await store.close()
    await store.open(environment)
    await store.commit([append('b')])
    expect(await ids(store)).toEqual(['a', 'b'])
    expect(store.db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
  })

  test('a restored backup keeps its epoch; the ids of messages tell it apart', async () => {
    const store = await open()
    await store.commit([append('a')])
    store.db.exec(`VACUUM INTO '${join(folder, 'backup.db')}'`)
    await store.commit([append('lost')])
    const backup = await open({}, join(folder, 'backup.db'))
    await backup.commit([append('other')])
    expect((await backup.channel('todos')).head.epoch).toBe((await store.channel('todos')).head.epoch)
    expect([(await store.at('todos', 2))?.id, (await backup.at('todos', 2))?.id]).toEqual(['lost', 'other'])
  })

  test('told that it was restored, it starts new epochs, once, and keeps the write streams', async () => {
    const store = await open()
    await store.commit([write(1), write(2)])
    await store.setCursor('pusher', 'todos', 2)
    const { head } = await store.channel('todos')
    await store.close()
    const restored = await open({ restored: true })
    const after = await restored.channel('todos')
    expect(after).toEqual({ head: { epoch: expect.any(String), seq: 0, id: '' }, oldest: 1 })
    expect(after.head.epoch).not.toBe(head.epoch)
    expect([await ids(restored), await restored.cursor('pusher', 'todos')]).toEqual([[], 0])
    expect((await restored.stream(key))?.answers.map(({ n }) => n)).toEqual([1, 2])
    await restored.close()
    await restored.open(environment)
    expect(await restored.channel('todos')).toEqual(after)
  })
})

describe('trim', () => {
  test('works in small steps, between which commits go on', async () => {
    const store = await open()
    const group = Array.from({ length: 2_000 }, (_, i) => append(`${i}`))
    await store.commit(group)
    const trimmed = store.trim(() => ({ count: 10, age: 1e15 }), 1e15)
    const early = (await store.channel('todos')).oldest
    expect(early).toBeGreaterThan(1)
    expect(early).toBeLessThan(1_000)
    await store.commit([append('meanwhile')])
    await trimmed
    expect(await store.channel('todos')).toMatchObject({ head: { seq: 2_001 }, oldest: 1_992 })
    expect(store.db.prepare('SELECT count(*) AS n, min(seq) AS first FROM syncline_messages').get()).toEqual({
      n: 10,
      first: 1_992,
    })
  })

  test('reaches every channel and every stream, however many there are', async () => {
    const store = await open()
    const names = Array.from({ length: 300 }, (_, i) => `board/${i}`)
    await store.commit(
      names.map((channel) => ({
        plan: () => ({ appends: [{ channel, messages: [message('a'), message('b')] }] }),
      })),
    )
    const streams = Array.from({ length: 1_200 }, (_, i) => ({ ...key, client: `c${i}` }))
    await store.commit(
      streams.map((each) => ({
        plan: () => {
          const { stream } = write(1).plan(store.db)
          return { appends: [], stream: { ...stream!, key: each, answer: stream!.answer } }
        },
      })),
    )
    await store.trim(() => ({ count: 1, age: 1e15 }), -1)
    const count = (table: string) => store.db.prepare(`SELECT count(*) AS n FROM syncline_${table}`).get()?.n
    expect([count('messages'), count('streams'), count('answers')]).toEqual([300, 0, 0])
  })

  test('stops when the store is closed', async () => {
    const store = await open()
    await store.commit(Array.from({ length: 2_000 }, (_, i) => append(`${i}`)))
    const trimmed = store.trim(() => ({ count: 10, age: 1e15 }), 1e15)
    await store.close()
    await trimmed
  })
})
