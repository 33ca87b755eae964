import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const app = join(import.meta.dirname, '../..')

/** The built app in a process of its own, with a list of its own. */
export const startServer = async () => {
  const data = mkdtempSync(join(tmpdir(), 'todo-'))
  let { child, port } = await launch(data, 0)

  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
  return {
    get url() {
      return `http://localhost:${port}`
    },
    /** At once, with nothing tidied up. */
    kill: () => end('SIGKILL'),
    /** As Ctrl-C does; gives the exit code. */
    stop: async () => {
      await end('SIGINT')
      return child.exitCode
    },
    /** On the same port, with the same files. */
    start: async () => {
      ;({ child, port } = await launch(data, port))
    },
    /** The titles in the database, oldest first. */
    stored: () => read(join(data, 'todo.db')),
    dispose: async () => {
      await end('SIGKILL')
      rmSync(data, { recursive: true })
    },
  }
}

export type AppServer = Awaited<ReturnType<typeof startServer>>

const launch = async (data: string, port: number) => {
  const child = spawn(process.execPath, ['src/server/main.ts'], {
    cwd: app,
    env: { ...process.env, TODO_DATA: data, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const address = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk
      const found = /http:\/\/localhost:(\d+)/.exec(output)?.[1]
      if (found) resolve(found)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', (code) => reject(new Error(`The app ended with ${code}:\n${output}`)))
  })
  return { child, port: Number(await address) }
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
