import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ServerOptions {
  /** The built app's folder. */
  readonly app: string
  /** The variable that says where the app keeps its data. */
  readonly dataVariable: string
  /** What else its environment has. */
  readonly env?: Readonly<Record<string, string>>
}

/** The built app in a process of its own, with data of its own. */
export const startServer = async ({ app, dataVariable, env }: ServerOptions) => {
  const data = mkdtempSync(join(tmpdir(), 'demo-'))
  const launchOn = (port: number) => launch(app, { ...env, [dataVariable]: data, PORT: String(port) })
  let { child, port } = await launchOn(0)

  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
  return {
    /** Where it keeps its files. */
    data,
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
      ;({ child, port } = await launchOn(port))
    },
    dispose: async () => {
      await end('SIGKILL')
      rmSync(data, { recursive: true })
    },
  }
}

export type AppServer = Awaited<ReturnType<typeof startServer>>

const launch = async (
  app: string,
  env: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; port: number }> => {
  const child = spawn(process.execPath, ['src/server/main.ts'], {
    cwd: app,
    env: { ...process.env, ...env },
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
