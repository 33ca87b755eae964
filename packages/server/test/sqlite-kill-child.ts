/**
 * Commits groups to the store named on the command line until it is killed, and says on stdout which writes
 * were acknowledged: one line `first last` for each group.
 */
import { writeSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { HubStore, StreamKey } from '@syncline/server'
import { sqliteStore } from '@syncline/server/sqlite'

const key: StreamKey = { subject: 'ada', client: 'laptop', channel: 'todos', generation: 1 }

const commit = async (store: HubStore<DatabaseSync>, first: number, last: number): Promise<void> => {
  const group = Array.from({ length: last - first + 1 }, (_, i) => {
    const n = first + i
    const message = (part: string) => ({
      id: `m${n}${part}`,
      timestamp: n,
      encode: (seq: number) => `[${seq}]`,
    })
    return {
      isolated: n % 3 === 0,
      plan: (db: DatabaseSync) => {
        if (n % 3 === 0) db.prepare('INSERT INTO todos (id) VALUES (?)').run(n)
        return {
          appends: [{ channel: 'todos', messages: [message('a'), message('b')] }],
          stream: {
            key,
            n,
            answered: Math.max(0, n - 100),
            answer: (effects: readonly { channel: string; position: { epoch: string; seq: number } }[]) => ({
              n,
              id: `w${n}`,
              hash: 'h',
              outcome: { type: 'accepted' as const, result: String(n), effects },
            }),
          },
        }
      },
    }
  })
  const outcomes = await store.commit(group)
  if (outcomes.every(({ ok }) => ok)) writeSync(1, `${first} ${last}\n`)
}

const store = sqliteStore(process.argv[2]!)
store.db.exec('CREATE TABLE IF NOT EXISTS todos (id INTEGER PRIMARY KEY)')
await store.open({ now: Date.now, id: () => crypto.randomUUID() })
let last = (await store.stream(key))?.last ?? 0
for (;;) {
  const size = 1 + (last % 64)
  await commit(store, last + 1, last + size)
  last += size
  if (last % 5 === 0) await store.trim(() => ({ count: 1_000, age: 1e15 }), 1e15)
}
