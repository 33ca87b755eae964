// `npm start`: installs, builds and serves the todo app, on a machine with nothing but Node, npm and git.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './child.mjs'
import { environment, pnpm, requireNode, root } from './environment.mjs'
import { install } from './install.mjs'
import { complain, heading, say, seconds } from './progress.mjs'

const app = join(root, 'apps/todo')

requireNode()
process.exitCode = (await install()) && (await build()) ? await serve() : 1

/** @returns {Promise<boolean>} */
async function build() {
  if (!existsSync(join(app, 'package.json'))) {
    complain('There is no todo app in apps/todo yet, so there is nothing to start.')
    return false
  }
  const since = performance.now()
  heading('Building the packages and the todo app')

  /** @type {string[]} */
  const log = []
  const turbo = [
    'turbo',
    'run',
    'build',
    '--filter=todo',
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
 * Runs the app's own `start`, with nothing in between that could swallow Ctrl-C. The app prints its address.
 *
 * @returns {Promise<number>} the exit code
 */
async function serve() {
  heading('Starting the todo app; Ctrl-C stops it')
  const { scripts } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))
  const command = process.platform === 'win32' ? [scripts.start] : ['sh', '-c', scripts.start]
  const { code, stopped } = await run(command, { cwd: app, env: environment(join(app, 'node_modules/.bin')) })
  if (stopped) say('Stopped.')
  return stopped ? 0 : code
}
