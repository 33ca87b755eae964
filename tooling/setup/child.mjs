// Child processes that stop as one, whatever they have started themselves.
import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

const windows = process.platform === 'win32'
const parent = process.ppid

/** Milliseconds from the first asking to end to the end the hard way. */
const patience = 10_000

/**
 * @typedef {object} ChildOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(line: string) => void} [onLine] gets each line of output; without it the output goes straight through
 * @property {number} [timeout] milliseconds after which the child is stopped; without it, never
 */

/**
 * Runs a command and waits for it and for all that it started. Ctrl-C and SIGTERM reach it once; a second Ctrl-C,
 * or ten seconds without an end, stop it the hard way. Where npm started us and is gone, the command stops too: npm
 * hands a SIGTERM only to the shell between us.
 *
 * @param {string[]} command
 * @param {ChildOptions} [options]
 * @returns {Promise<{ code: number, stopped: boolean, timedOut: boolean }>} stopped: somebody asked it to end
 */
export async function run([file = '', ...args], { cwd, env, onLine, timeout } = {}) {
  const output = onLine ? 'pipe' : 'inherit'
  const child = spawn(file, args, {
    cwd,
    env,
    stdio: ['ignore', output, output],
    detached: !windows,
    shell: windows,
    windowsHide: true,
  })
  if (onLine) for (const stream of [child.stdout, child.stderr]) readLines(stream, onLine)

  let stopped = false
  let timedOut = false
  /** @type {NodeJS.Timeout | undefined} */
  let impatient
  /** @param {NodeJS.Signals} signal */
  const stop = (signal) => {
    send(child.pid, stopped ? 'SIGKILL' : signal)
    stopped = true
    impatient ??= setTimeout(() => send(child.pid, 'SIGKILL'), patience)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.on('SIGHUP', stop)
  const orphaned = setInterval(() => {
    if (process.env.npm_lifecycle_event && process.ppid !== parent && !stopped) stop('SIGTERM')
  }, 500)
  const timer = timeout
    ? setTimeout(() => {
        timedOut = true
        stop('SIGTERM')
      }, timeout)
    : undefined
  try {
    const code = await ended(child, () => stopped)
    await groupEnded(child.pid, stopped)
    return { code, stopped: stopped && !timedOut, timedOut }
  } finally {
    clearTimeout(timer)
    clearTimeout(impatient)
    clearInterval(orphaned)
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
    process.off('SIGHUP', stop)
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => boolean} stopped
 * @returns {Promise<number>}
 */
function ended(child, stopped) {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? (stopped() && signal !== 'SIGKILL' ? 0 : 1)))
  })
}

/**
 * A shell between us and a server ends before the server does: wait for the whole group.
 *
 * @param {number | undefined} pid
 * @param {boolean} stopped
 */
async function groupEnded(pid, stopped) {
  if (windows || !stopped) return
  for (let waited = 0; waited < patience; waited += 50) {
    if (!send(pid, 0)) return
    await delay(50)
  }
  send(pid, 'SIGKILL')
}

/**
 * @param {number | undefined} pid
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} whether anybody was there to get it
 */
function send(pid, signal) {
  if (pid === undefined) return false
  try {
    return process.kill(windows ? pid : -pid, signal)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/**
 * @param {NodeJS.ReadableStream | null} stream
 * @param {(line: string) => void} onLine
 */
function readLines(stream, onLine) {
  let rest = ''
  stream?.setEncoding('utf8')
  stream?.on('data', (chunk) => {
    const lines = (rest + chunk).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  stream?.on('end', () => rest && onLine(rest))
}
