import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../../../node_modules/.cache/syncline/bench', import.meta.url))

/** A folder on the workspace's own disk: `/tmp` may be memory, on which a sync costs nothing. */
export const createScratch = (): { readonly path: string; remove(): void } => {
  mkdirSync(folder, { recursive: true })
  const path = mkdtempSync(join(folder, 'run-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
