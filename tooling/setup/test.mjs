// `npm test`: everything that must hold, from a fresh clone. The last line is `N passed, N failed`.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './child.mjs'
import { chromiumAdvice, ensureChromium } from './chromium.mjs'
import { environment, pnpm, requireNode, root } from './environment.mjs'
import { install } from './install.mjs'
import { complain, heading, say, seconds } from './progress.mjs'
import { closingLines, skippedSuites, sum, tallyVitest } from './tally.mjs'

/** No step may hang a build machine. */
const timeout = 20 * 60_000

requireNode()
const begun = performance.now()
const results = await steps()
heading(`Done in ${seconds(begun)}`)
for (const { name, note } of results) say(`  ${note.padEnd(38)} ${name}`)
const total = sum(results.map(({ tally }) => tally))
const untested = results.flatMap((result) => result.untested ?? [])
say(`\n${closingLines(total, untested).join('\n')}`)
process.exitCode = total.failed > 0 ? 1 : 0

/**
 * @typedef {{ name: string, note: string, tally: import('./tally.mjs').Tally, untested?: string[] }} Result
 * @returns {Promise<Result[]>}
 */
async function steps() {
  if (!(await install())) return [failed('installation')]
  const chromium = await ensureChromium()
  if (!chromium) complain(chromiumAdvice)
  else process.env.CHROMIUM_PATH = chromium

  const lint = await script('lint', 'lint')
  const types = await script('types', 'typecheck')
  const build = await script('build', 'build', '--no-color', '--output-logs=new-only')
  const built = build.tally.failed === 0
  return [
    chromium ? passed('Chromium is there') : failed('Chromium is there'),
    lint,
    types,
    build,
    built ? await script('packages as published', 'check:packages') : skipped('packages as published'),
    built ? await script('packages on Node 20', 'check:node-20') : skipped('packages on Node 20'),
    built ? await script('bundle sizes', 'size') : skipped('bundle sizes'),
    await vitest('unit and conformance tests', 'unit', 'conformance'),
    built && chromium ? await vitest('browser end-to-end tests', 'e2e') : skipped('browser end-to-end tests'),
  ]
}

/**
 * @param {string} name
 * @param {...string} args a script of the root package.json and what it gets
 * @returns {Promise<Result>}
 */
async function script(name, ...args) {
  heading(`${name} (pnpm ${args[0]})`)
  const { code, note } = await command(name, ['run', ...args])
  return { ...(code === 0 ? passed(name) : failed(name)), note }
}

/**
 * @param {string} name
 * @param {...string} projects
 * @returns {Promise<Result>}
 */
async function vitest(name, ...projects) {
  heading(`${name} (vitest)`)
  const file = join(root, `node_modules/.cache/syncline/vitest-${projects.join('-')}.json`)
  rmSync(file, { force: true })
  const { code, note } = await command(name, [
    'exec',
    'vitest',
    'run',
    '--passWithNoTests',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ])
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  const tally = tallyVitest(report, code === 0)
  return {
    name,
    note: `${tally.failed === 0 ? 'ok' : 'FAILED'}, ${tests(tally)} ${note.slice(note.indexOf('('))}`,
    tally,
    untested: skippedSuites(report),
  }
}

/**
 * @param {string} name
 * @param {string[]} args
 */
async function command(name, args) {
  const since = performance.now()
  const { code, stopped, timedOut } = await run([...pnpm, ...args], {
    cwd: root,
    env: environment(),
    timeout,
  })
  if (stopped) process.exit(130)
  if (timedOut) complain(`${name}: stopped after ${seconds(since)}, the limit.`)
  return {
    code: timedOut ? 1 : code,
    note: `${code === 0 && !timedOut ? 'ok' : 'FAILED'} (${seconds(since)})`,
  }
}

/** @param {string} name @returns {Result} */
function passed(name) {
  return { name, note: 'ok', tally: { passed: 1, failed: 0, skipped: 0 } }
}

/** @param {string} name @returns {Result} */
function failed(name) {
  return { name, note: 'FAILED', tally: { passed: 0, failed: 1, skipped: 0 } }
}

/** @param {string} name @returns {Result} */
function skipped(name) {
  return { name, note: 'skipped', tally: { passed: 0, failed: 0, skipped: 1 }, untested: [name] }
}

/** @param {import('./tally.mjs').Tally} tally */
function tests({ passed, failed }) {
  return failed === 0 ? `${passed} tests` : `${failed} of ${passed + failed} tests`
}
