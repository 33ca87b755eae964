import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

/** What a worker process offers: see `serveCalls`. */
// biome-ignore lint/suspicious/noExplicitAny: any function, each worker types its own
export type Methods = Readonly<Record<string, (...args: any[]) => unknown>>

/** A process of its own and what can be asked of it. */
export interface Worker<M extends Methods> {
  readonly pid: number
  call<K extends keyof M & string>(method: K, ...args: Parameters<M[K]>): Promise<Awaited<ReturnType<M[K]>>>
  /** Ends it and waits for its end. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

interface Reply {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/** Set to a folder, every worker leaves a CPU profile there. */
const profiles = process.env.BENCH_CPU_PROF
const profiling = profiles ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : []

const running = new Set<() => Promise<void>>()

/** Ends all workers: what a row that failed left running would disturb the next, and keep this process alive. */
export const stopWorkers = async (): Promise<void> => {
  await Promise.all([...running].map((stop) => stop()))
}

/** True where a process can be kept on one core: on Linux, with util-linux. */
const canPin = spawnSync('taskset', ['--version']).status === 0

/**
 * Starts a script as a process of its own, with Node 24 as this one.
 *
 * @param core where it stays: two that wake one another would else be moved together and apart by the scheduler, and
 *   run in the caches that the other has filled. Not kept where that cannot be done
 */
export const startWorker = async <M extends Methods>(
  script: string,
  args: readonly (string | number)[] = [],
  core?: number,
): Promise<Worker<M>> => {
  const flags = ['--expose-gc', ...profiling]
  const pinned = core !== undefined && core < availableParallelism() && canPin
  const child = fork(fileURLToPath(new URL(`../${script}`, import.meta.url)), args.map(String), {
    ...(pinned && { execPath: 'taskset' }),
    execArgv: pinned ? ['-c', `${core}`, process.execPath, ...flags] : flags,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async (signal?: NodeJS.Signals): Promise<void> => {
    if (signal) child.kill(signal)
    else if (child.connected) child.disconnect()
    await ended
  }
  running.add(stop)
  void ended.then(() => running.delete(stop))
  child.once('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`${script} ended (${signal ?? code}).`))
  })
  let calls = 0
  const ask = (method: string, parameters: readonly unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      const id = ++calls
      waiting.set(id, { resolve, reject })
      child.send({ id, method, parameters })
    })
  child.on('message', (reply: Reply) => {
    const asked = waiting.get(reply.id)
    waiting.delete(reply.id)
    if (reply.error !== undefined) asked?.reject(new Error(`${script}: ${reply.error}`))
    else asked?.resolve(reply.result)
  })
  await ready(child, script)
  return {
    pid: child.pid ?? 0,
    call: (method, ...parameters) => ask(method, parameters) as never,
    stop,
  }
}

const ready = (child: ChildProcess, script: string): Promise<void> =>
  new Promise((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('exit', (code) => reject(new Error(`${script} ended before it was ready (${code}).`)))
  })
