import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type ServerOptions, startServer as startDemo } from 'demo-support/e2e'

/** The built app in a process of its own, with a list of its own. */
export const startServer = async (env: ServerOptions['env'] = {}) => {
  const server = await startDemo({ app: join(import.meta.dirname, '../..'), dataVariable: 'TODO_DATA', env })
  /** The titles in the database, oldest first. */
  const stored = () => read(join(server.data, 'todo.db'))
  return Object.assign(server, { stored })
}

const read = (file: string): string[] => {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    return db
      .prepare('SELECT title FROM todos ORDER BY place')
      .all()
      .map(({ title }) => String(title))
  } finally {
    db.close()
  }
}
