import type { DatabaseSync } from 'node:sqlite'
import { type Board, type ChatMessage, kept, type Stroke } from '../contract.ts'

/** The app's own tables, in the same file as the hub's log. Each board keeps so much and no more. */
export const createBoardTables = (db: DatabaseSync) => {
  db.exec(`
    CREATE TABLE IF NOT EXISTS strokes (
      place INTEGER PRIMARY KEY AUTOINCREMENT,
      board TEXT NOT NULL,
      id TEXT NOT NULL,
      part INTEGER NOT NULL,
      author TEXT NOT NULL,
      drawing TEXT NOT NULL,
      UNIQUE (board, id, part)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS strokes_place ON strokes (board, place);
    CREATE TABLE IF NOT EXISTS messages (
      place INTEGER PRIMARY KEY AUTOINCREMENT,
      board TEXT NOT NULL,
      id TEXT NOT NULL,
      author TEXT NOT NULL,
      text TEXT NOT NULL,
      at INTEGER NOT NULL,
      UNIQUE (board, id)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS messages_place ON messages (board, place)`)

  const trim = (table: string, count: number) =>
    db.prepare(`
      DELETE FROM ${table} WHERE board = ?1 AND place <=
        (SELECT place FROM ${table} WHERE board = ?1 ORDER BY place DESC LIMIT 1 OFFSET ${count})`)
  const strokes = db.prepare('SELECT drawing FROM strokes WHERE board = ? ORDER BY place')
  const messages = db.prepare('SELECT id, author, text, at FROM messages WHERE board = ? ORDER BY place')
  const author = db.prepare('SELECT author FROM strokes WHERE board = ? AND id = ? LIMIT 1')
  const addStroke = db.prepare(
    'INSERT OR IGNORE INTO strokes (board, id, part, author, drawing) VALUES (?, ?, ?, ?, ?)',
  )
  const removeStroke = db.prepare('DELETE FROM strokes WHERE board = ? AND id = ?')
  const clear = db.prepare('DELETE FROM strokes WHERE board = ?')
  const addMessage = db.prepare(
    'INSERT OR IGNORE INTO messages (board, id, author, text, at) VALUES (?, ?, ?, ?, ?)',
  )
  const trimStrokes = trim('strokes', kept.strokes)
  const trimMessages = trim('messages', kept.messages)

  return {
    read: (board: string): Board => ({
      strokes: strokes.all(board).map(({ drawing }) => JSON.parse(String(drawing)) as Stroke),
      messages: messages.all(board).map(toMessage),
    }),
    /** Who drew it; undefined when it is not there. */
    authorOf: (board: string, id: string): string | undefined => {
      const row = author.get(board, id)
      return row && String(row.author)
    },
    /** False when it was there already. */
    addStroke: (board: string, stroke: Stroke): boolean => {
      const { id, part, by } = stroke
      const added = addStroke.run(board, id, part, by, JSON.stringify(stroke)).changes > 0
      if (added) trimStrokes.run(board)
      return added
    },
    removeStroke: (board: string, id: string) => void removeStroke.run(board, id),
    clear: (board: string) => void clear.run(board),
    /** False when it was there already. */
    addMessage: (board: string, { id, by, text, at }: ChatMessage): boolean => {
      const added = addMessage.run(board, id, by, text, at).changes > 0
      if (added) trimMessages.run(board)
      return added
    },
  }
}

const toMessage = (row: Record<string, unknown>): ChatMessage => ({
  id: String(row.id),
  by: String(row.author),
  text: String(row.text),
  at: Number(row.at),
})
