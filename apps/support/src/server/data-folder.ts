import { mkdirSync } from 'node:fs'

/** Where a demo keeps its data: what this variable says, or `.data` in the app's folder, which is where it is started. */
export const dataFolder = (variable: string): string => {
  const folder = process.env[variable] ?? '.data'
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}
