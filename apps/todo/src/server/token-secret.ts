import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dataFolder } from './data-folder.ts'

/** What tokens are signed with: made at the first start, and readable by this user alone. */
export const tokenSecret = (): Uint8Array => {
  const file = join(dataFolder(), 'token-secret')
  if (!existsSync(file)) writeFileSync(file, randomBytes(32), { mode: 0o600, flag: 'wx' })
  return readFileSync(file)
}
