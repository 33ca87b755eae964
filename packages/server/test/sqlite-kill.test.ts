import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sqliteStore } from '@syncline/server/sqlite'
import { afterAll, describe, expect, test } from 'vitest'

const child = fileURLToPath(new URL('./sqlite-kill-child.ts', import.meta.url))
const register = fileURLToPath(new URL('../../../tooling/resolve/register.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'syncline-kill-'))
const file = join(folder, 'hub.db')

afterAll(() => rmSync(folder, { recursive: true }))

/** Runs the child, kills it after so many acknowledged groups, and gives the last acknowledged write. */
const runAndKill = (groups: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const running = spawn(process.execPath, ['--import', register, child, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    let lines = 0
    running.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      lines += text.split('\n').length - 1
      if (lines >= groups) running.kill('SIGKILL')
    })
    running.on('error', reject)
    running.on('close', (code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`The child ended with ${code}.`))
      else resolve(Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1)?.split(' ')[1]))
    })
  })

const inspect = async () => {
  const store = sqliteStore(file)
  await store.open({ now: Date.now, id: () => crypto.randomUUID() })
  const stream = await store.stream({ subject: 'ada', client: 'laptop', channel: 'todos', generation: 1 })
  const { head, oldest } = await store.channel('todos')
  const log = await store.read('todos', 0, 1e6, 1e12)
  const todos = store.db.prepare('SELECT id FROM todos ORDER BY id').all()
  const integrity = store.db.prepare('PRAGMA integrity_check').get()
  await store.close()
  return { stream: stream!, head, oldest, log, todos: todos.map(({ id }) => Number(id)), integrity }
}

describe('a process that is killed while it commits', () => {
  test.each([1, 2, 3, 5, 8, 13, 21, 34])(
    'has lost nothing that it acknowledged (killed after %i groups)',
    async (groups) => {
      const acknowledged = await runAndKill(groups)
      const { stream, head, oldest, log, todos, integrity } = await inspect()
      const { last } = stream
      expect(integrity).toEqual({ integrity_check: 'ok' })
      expect(last).toBeGreaterThanOrEqual(acknowledged)
      // Whole writes only: two messages each, once, without a hole, and the answers of the last hundred.
      expect(head).toMatchObject({ seq: last * 2, id: `m${last}b` })
      const first = oldest
      expect(log.map(({ seq, id }) => `${seq} ${id}`)).toEqual(
        Array.from({ length: last * 2 - first + 1 }, (_, i) => {
          const seq = first + i
          return `${seq} m${Math.ceil(seq / 2)}${seq % 2 === 1 ? 'a' : 'b'}`
        }),
      )
      expect(stream.answers.map(({ n }) => n).at(-1)).toBe(last)
      expect(stream.answers[0]?.n).toBe(Math.max(1, last - 99))
      expect(todos).toEqual(Array.from({ length: Math.floor(last / 3) }, (_, i) => (i + 1) * 3))
    },
  )
})
