/**
 * A hub on an SQLite file, with all four gateways. It says `ready <port>`, and does what it is told: `fill <path>`,
 * `free <path>`, `publish <line>`, which it answers with `published`, or `refused` and a code, and `check`, which it
 * answers with `checked` and what the file holds.
 */
import type { DatabaseSync } from 'node:sqlite'
import { sqliteStore } from '@syncline/server/sqlite'
import { room } from '../four-providers/room.ts'
import { type ManagedProviders, startRoomHub } from '../four-providers/room-hub.ts'
import { obey, room as roomOnDisk, tell } from './commands.ts'

export interface HubProcessSettings {
  readonly file: string
  readonly port: number
  /** Milliseconds. */
  readonly heartbeat: number
  readonly managed: ManagedProviders
}

const { file, port, heartbeat, managed }: HubProcessSettings = JSON.parse(process.argv[2]!)
const store = sqliteStore(file)
// Without a key that would refuse a line that is said twice.
store.db.exec('CREATE TABLE IF NOT EXISTS lines (id TEXT NOT NULL)')

const ids = (db: DatabaseSync) =>
  db
    .prepare('SELECT id FROM lines ORDER BY rowid')
    .all()
    .map(({ id }) => String(id))

const running = await startRoomHub<DatabaseSync>({
  store,
  managed,
  port,
  heartbeat,
  serve: (hub) =>
    hub.serve(room, {
      snapshot: ({ db }) => ids(db).map((id) => ({ id, text: id })),
      mutations: {
        'line:say': {
          transaction: ({ db, input, publish }) => {
            db.prepare('INSERT INTO lines (id) VALUES (?)').run(input.id)
            publish('line:said', input)
          },
        },
      },
    }),
})
obey({
  ...roomOnDisk,
  publish: (id) =>
    void running.hub.publish(room, { id: 1 }, 'line:said', { id, text: id }).then(
      () => tell('published'),
      ({ code }) => tell(`refused ${code}`),
    ),
  check: () => {
    const integrity = store.db.prepare('PRAGMA integrity_check').get()
    tell(`checked ${JSON.stringify([integrity, ids(store.db)])}`)
  },
})
tell(`ready ${running.port}`)
