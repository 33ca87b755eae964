import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A process says what it does on stdout, at once and also when it is about to die. */
export const tell = (line: string): void => void writeSync(1, `${line}\n`)

/** Does what it is told on stdin: the first word says what. */
export const obey = (commands: Readonly<Record<string, (rest: string) => void>>): void => {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [name = ''] = line.split(' ')
    commands[name]?.(line.slice(name.length + 1))
  })
}

/** Writes until the disk takes no single byte more. */
const fill = (path: string): void => {
  const file = openSync(path, 'a')
  for (let size = 65_536; size >= 1; size = Math.floor(size / 2)) {
    const bytes = Buffer.alloc(size)
    try {
      for (;;) writeSync(file, bytes)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
  closeSync(file)
  tell('full')
}

/** For processes on a small disk: `fill` and `free`, with a path for what takes the room. */
export const room = {
  fill,
  free: (path: string): void => {
    unlinkSync(path)
    tell('freed')
  },
}
