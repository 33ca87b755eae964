import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What tokens are signed with: made at the first start in that folder, and readable by this user alone. */
export const tokenSecret = (folder: string): Uint8Array => {
  const file = join(folder, 'token-secret')
  if (!existsSync(file)) writeFileSync(file, randomBytes(32), { mode: 0o600, flag: 'wx' })
  return readFileSync(file)
}
