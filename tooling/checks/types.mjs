// `pnpm typecheck`: packages, tests, type tests and tooling in one run; then each app, which has a config of its own.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

const projects = ['tsconfig.json', ...appProjects()]
const failed = projects.filter((project) => !check(project))
process.exitCode = failed.length > 0 ? 1 : 0

function appProjects() {
  if (!existsSync('apps')) return []
  return readdirSync('apps')
    .map((app) => `apps/${app}/tsconfig.json`)
    .filter((project) => existsSync(project))
}

/** @param {string} project */
function check(project) {
  return (
    spawnSync('tsc', ['--noEmit', '-p', project], { stdio: 'inherit', shell: process.platform === 'win32' })
      .status === 0
  )
}
