// What the set-up scripts know of the machine. They run before anything is installed: Node's own modules only.
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** pnpm at the version that package.json names, through npx: a fresh machine has npm only. */
export const pnpm = ['npx', '-y', manifest.packageManager]

/**
 * The environment of everything that the scripts start: the tools and the Node that the workspace installed come
 * first, nothing reports home, and colours only where a person looks.
 *
 * @param {...string} bins folders with commands that come before the workspace's own
 * @returns {NodeJS.ProcessEnv}
 */
export function environment(...bins) {
  const { FORCE_COLOR: _, ...inherited } = process.env
  const name = Object.keys(inherited).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH'
  const tools = [...bins, join(root, 'node_modules/node/bin'), join(root, 'node_modules/.bin')]
  return {
    ...inherited,
    [name]: [...tools.filter((folder) => existsSync(folder)), inherited[name]].join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    npm_config_loglevel: 'error',
    npm_config_update_notifier: 'false',
    ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }),
  }
}

/** Ends the process with an explanation where this Node is too old to go on. */
export function requireNode() {
  const oldest = Number(/\d+/.exec(manifest.engines.node)?.[0])
  if (Number(process.versions.node.split('.')[0]) >= oldest) return
  process.stderr.write(
    `Syncline needs Node ${oldest} or later to start; this is ${process.version}. Get one at nodejs.org.\n`,
  )
  process.exit(1)
}
