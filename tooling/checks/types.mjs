// `pnpm typecheck`: packages, tests, type tests and tooling in one run; then each app, which has a config of its own,
// what the READMEs show, and how an error reads.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

const projects = ['tsconfig.json', ...appProjects()]
const failed = projects.filter((project) => !check(project))
const others = ['readme-snippets.mjs', 'type-errors.mjs'].map(
  (file) => spawnSync(process.execPath, [`tooling/checks/${file}`], { stdio: 'inherit' }).status,
)
process.exitCode = failed.length > 0 || others.some((status) => status !== 0) ? 1 : 0

/** An app whose bundler must not see the paths to source has a second config, for this check. */
function appProjects() {
  if (!existsSync('apps')) return []
  return readdirSync('apps').flatMap((app) =>
    ['tsconfig.check.json', 'tsconfig.json']
      .map((file) => `apps/${app}/${file}`)
      .filter((project) => existsSync(project))
      .slice(0, 1),
  )
}

/** @param {string} project */
function check(project) {
  return (
    spawnSync('tsc', ['--noEmit', '-p', project], { stdio: 'inherit', shell: process.platform === 'win32' })
      .status === 0
  )
}
