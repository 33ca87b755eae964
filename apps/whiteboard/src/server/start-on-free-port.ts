import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isTaken, portsFrom } from 'demo-support/server'
import { boardFolder } from './board-folder.ts'

/**
 * Starts an emulator on the port it had last time, so that open windows find it again, else on the first free one
 * from `from` on, every other one: there are two emulators.
 */
export const startOnFreePort = async <Emulator extends { readonly port: number }>(
  name: string,
  from: number,
  start: (port: number) => Promise<Emulator>,
): Promise<Emulator> => {
  const file = join(boardFolder(), `${name}-port`)
  const anyFree = process.env.PORT === '0' ? [] : portsFrom(from, 2)
  for (const port of [...lastOne(file), ...anyFree, 0]) {
    try {
      const emulator = await start(port)
      writeFileSync(file, String(emulator.port))
      return emulator
    } catch (error) {
      if (!isTaken(error)) throw error
    }
  }
  throw new Error(`There is no port for the emulator of ${name}.`)
}

const lastOne = (file: string): number[] => {
  try {
    return [Number(readFileSync(file, 'utf8'))]
  } catch {
    return []
  }
}
