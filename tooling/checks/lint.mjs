// `pnpm lint`: format and lint rules (biome.json), then the layering (dependency-cruiser.config.mjs).
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const colors = process.stdout.isTTY ? 'force' : 'off'
const folders = ['packages', 'apps', 'tooling'].filter((folder) => existsSync(folder))

const clean = [
  run('biome', ['ci', `--colors=${colors}`, '--error-on-warnings', '--max-diagnostics=100', '.']),
  run('depcruise', [
    '--config',
    'tooling/checks/dependency-cruiser.config.mjs',
    '--output-type',
    'err-long',
    ...folders,
  ]),
]
process.exitCode = clean.every(Boolean) ? 0 : 1

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  return spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0
}
