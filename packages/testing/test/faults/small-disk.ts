import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Child } from './child-process.ts'

/** A file system that takes nothing more when told to. */
export interface SmallDisk {
  /** What starts a process that has it. */
  readonly through: readonly string[]
  fill(child: Child, directory: string): Promise<unknown>
  free(child: Child, directory: string): Promise<unknown>
}

const run = 'mount -t tmpfs -o size=1m small "$1" && shift && exec "$@"'
/** In a mount namespace of its own, where no rights are needed for it. */
const mounted = (directory: string) => ['unshare', '-rm', 'sh', '-c', run, 'sh', directory]

const works = (command: readonly string[]): boolean =>
  spawnSync(command[0] ?? '', command.slice(1), { stdio: 'ignore' }).status === 0

/** A tmpfs of 1 MB, in which the process itself writes a file that takes all the room: ENOSPC. */
const tmpfs = (directory: string): SmallDisk => {
  const file = join(directory, 'ballast')
  let times = 0
  const told = (word: string, answer: string) => (child: Child) => {
    child.tell(`${word} ${file}`)
    return child.saidTimes(answer, Math.ceil(++times / 2))
  }
  return { through: mounted(directory), fill: told('fill', 'full'), free: told('free', 'freed') }
}

/** A process that may write no file at all: EFBIG. Node ignores the signal that goes with it. */
const limited = (): SmallDisk => {
  const limit = (most: string) => async (child: Child) => {
    execFileSync('prlimit', ['--pid', `${child.pid}`, `--fsize=${most}:unlimited`])
  }
  return { through: [], fill: limit('0'), free: limit('unlimited') }
}

const probe = mkdtempSync(join(tmpdir(), 'syncline-'))
const kinds: Readonly<Record<string, { readonly there: boolean; make(directory: string): SmallDisk }>> = {
  'a small disk': { there: works([...mounted(probe), 'true']), make: tmpfs },
  'a limit on files': { there: works(['prlimit', '--pid', `${process.pid}`, '--fsize']), make: limited },
}
rmSync(probe, { recursive: true })

/** What can be had on this machine: a mount takes Linux, and the right to make namespaces. */
export const smallDisks = Object.entries(kinds)
  .filter(([, { there }]) => there)
  .map(([kind, { make }]) => ({ kind, make }))
