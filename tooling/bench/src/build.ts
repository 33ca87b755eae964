import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Builds the packages, so that what is measured is what users get. What it says goes to stderr. */
export const build = (): void => {
  const { status } = spawnSync(
    'turbo',
    ['run', 'build', '--filter=./packages/*', '--output-logs=errors-only', '--no-color'],
    { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32', env: environment() },
  )
  if (status !== 0) throw new Error('The packages could not be built; the reason is above.')
}

const environment = () => ({ ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' })
