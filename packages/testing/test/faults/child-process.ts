import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { collect } from '@syncline/testing'
import { ReplaySubject } from 'rxjs'

const register = fileURLToPath(new URL('../../../../tooling/resolve/register.mjs', import.meta.url))

/** A Node process of its own, which runs a file of this folder and says what it does in lines. */
export interface Child {
  readonly pid: number
  /** All that it has said. */
  readonly lines: readonly string[]
  /** Resolves with the first line that begins so, and holds what follows; rejects when it ends before. */
  said(beginning: string): Promise<string>
  /** Resolves once it has said so many lines that begin so. */
  saidTimes(beginning: string, count: number): Promise<unknown>
  tell(line: string): void
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>
}

export interface ChildOptions {
  /** Told to it as JSON, in its first argument. */
  readonly settings: object
  readonly onTestFinished: (end: () => Promise<void>) => unknown
  /** What starts it. Default: Node alone. */
  readonly through?: readonly string[]
}

/** Milliseconds until a line must have come. */
const patience = 40_000

export const startChild = (file: string, { settings, onTestFinished, through = [] }: ChildOptions): Child => {
  const script = fileURLToPath(new URL(file, import.meta.url))
  const command = [...through, process.execPath, '--import', register, script, JSON.stringify(settings)]
  const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] })
  const said$ = new ReplaySubject<string>()
  const said = collect(said$)
  let partial = ''
  let complaint = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (partial + text).split('\n')
    partial = parts.pop() ?? ''
    for (const line of parts) said$.next(line)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  // It may be dead already.
  child.stdin.on('error', () => {})
  const gone = new Promise<void>((resolve) => {
    child.on('close', (code, signal) => {
      said$.error(new Error(`${file} ended with ${code ?? signal}. ${complaint}`))
      resolve()
    })
  })
  const kill = () => {
    child.kill('SIGKILL')
    return gone
  }
  onTestFinished(kill)
  return {
    get pid() {
      return child.pid ?? 0
    },
    lines: said.values,
    said: async (beginning) => {
      const isIt = (line: string) => line.startsWith(beginning)
      const lines = await said.until((all) => all.some(isIt), { what: beginning, timeout: patience })
      return lines.find(isIt)!.slice(beginning.length).trim()
    },
    saidTimes: (beginning, count) =>
      said.until((all) => all.filter((line) => line.startsWith(beginning)).length >= count, {
        what: `${count} times ${beginning}`,
        timeout: patience,
      }),
    tell: (line) => void child.stdin.write(`${line}\n`),
    signal: (signal) => void child.kill(signal),
    kill,
  }
}
