import type { DatabaseSync } from 'node:sqlite'
import type { Todo } from '../contract.ts'

/** The app's own table, in the same file as the hub's log: newest first, each title once. */
export const createTodoTable = (db: DatabaseSync) => {
  db.exec(`
    CREATE TABLE IF NOT EXISTS todos (
      place INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      title TEXT NOT NULL COLLATE NOCASE,
      done INTEGER NOT NULL DEFAULT 0,
      author TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS todos_title ON todos (title)`)

  const columns = 'id, title, done, author'
  const all = db.prepare(`SELECT ${columns} FROM todos ORDER BY place DESC`)
  const byId = db.prepare(`SELECT ${columns} FROM todos WHERE id = ?`)
  const byTitle = db.prepare(`SELECT ${columns} FROM todos WHERE title = ?`)
  const insert = db.prepare('INSERT INTO todos (id, title, done, author) VALUES (?, ?, ?, ?)')
  const update = db.prepare('UPDATE todos SET title = ?, done = ? WHERE id = ?')
  const remove = db.prepare('DELETE FROM todos WHERE id = ?')

  return {
    all: (): Todo[] => all.all().map(toTodo),
    find: (id: string): Todo | undefined => one(byId.get(id)),
    titled: (title: string): Todo | undefined => one(byTitle.get(title)),
    insert: ({ id, title, done, by }: Todo) => void insert.run(id, title, Number(done), by),
    update: ({ id, title, done }: Todo) => void update.run(title, Number(done), id),
    /** False when it was not there. */
    remove: (id: string): boolean => remove.run(id).changes > 0,
  }
}

type Row = Record<string, unknown>
const toTodo = (row: Row): Todo => ({
  id: String(row.id),
  title: String(row.title),
  done: row.done === 1,
  by: String(row.author),
})
const one = (row: Row | undefined) => row && toTodo(row)
