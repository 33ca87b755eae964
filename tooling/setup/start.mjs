// `npm start`: installs, builds and starts all demos, on a machine with nothing but Node, npm and git.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './child.mjs'
import { environment, pnpm, requireNode, root } from './environment.mjs'
import { install } from './install.mjs'
import { complain, heading, say, seconds } from './progress.mjs'

/** The start page: it starts the demos, and leads to them. */
const app = join(root, 'apps/home')

requireNode()
process.exitCode = (await install()) && (await build()) ? await serve() : 1

/** @returns {Promise<boolean>} */
async function build() {
  const since = performance.now()
  heading('Building the packages and the demos')

  /** @type {string[]} */
  const log = []
  const turbo = [
    'turbo',
    'run',
    'build',
    '--filter=home...',
    '--no-color',
    '--output-logs=new-only',
    '--log-order=stream',
  ]
  const { code, stopped } = await run([...pnpm, 'exec', ...turbo], {
    cwd: root,
    env: environment(),
    onLine: (line) => {
      log.push(line)
      const [, name, state] = /^(\S+):build: cache (hit|miss)/.exec(line) ?? []
      if (name) say(`  ${name}${state === 'hit' ? ' (as before)' : ' …'}`)
    },
  })
  if (stopped) return false
  if (code !== 0) {
    complain(`${log.join('\n')}\n\nThe build failed; the reason is above.`)
    return false
  }
  say(`  built in ${seconds(since)}`)
  return true
}

/**
 * Runs the start page's own `start`, with nothing in between that could swallow Ctrl-C. It prints its address.
 *
 * @returns {Promise<number>} the exit code
 */
async function serve() {
  heading('Starting the demos; Ctrl-C stops them')
  const { scripts } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))
  const command = process.platform === 'win32' ? [scripts.start] : ['sh', '-c', scripts.start]
  const { code, stopped } = await run(command, { cwd: app, env: environment(join(app, 'node_modules/.bin')) })
  if (stopped) say(code === 0 ? 'Stopped.' : 'Stopped the hard way: something did not end when it was asked.')
  return code
}
