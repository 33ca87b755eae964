import { mkdirSync } from 'node:fs'

/** Where the list is kept: `TODO_DATA`, or `.data` in the app's folder, which is where it is started. */
export const dataFolder = (): string => {
  const folder = process.env.TODO_DATA ?? '.data'
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}
