import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from './child.mjs'
import { environment, pnpm, root } from './environment.mjs'
import { complain, heading, say, seconds } from './progress.mjs'

const stamp = join(root, 'node_modules/.cache/syncline/installed')

/**
 * Installs what the lockfile says, unless that is there already.
 *
 * @returns {Promise<boolean>} whether all is there now
 */
export async function install() {
  if (installed() === wanted()) return true
  const since = performance.now()
  heading('Installing dependencies (the first time takes a minute or so)')

  /** @type {string[]} */
  const log = []
  const { code, stopped } = await run([...pnpm, 'install', '--frozen-lockfile', '--reporter=append-only'], {
    cwd: root,
    env: environment(),
    onLine: (line) => {
      log.push(line)
      if (/^Progress: /.test(line)) say(`  ${line.replace(/^Progress: /, '')}`)
    },
  })
  if (stopped) return false
  if (code !== 0) {
    complain(
      `${log.join('\n')}\n\nThe installation failed; what pnpm said is above. Is the npm registry in reach?`,
    )
    return false
  }
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted())
  say(`  installed in ${seconds(since)}`)
  return true
}

/** A name for what should be installed: another lockfile or another machine asks for a new one. */
function wanted() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function installed() {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined
}
