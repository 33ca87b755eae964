// `pnpm check:packages`, after a build: packs every package as it would be published and asks publint and
// are-the-types-wrong about the result; then imports every entry in Node.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { packageFolders, readManifest } from '../resolve/entries.mjs'

const run = promisify(execFile)
const shell = process.platform === 'win32'
const folder = await mkdtemp(join(tmpdir(), 'syncline-packages-'))

try {
  const problems = []
  for (const name of packageFolders()) {
    const found = await check(name)
    process.stdout.write(`${found.length === 0 ? 'ok  ' : 'BAD '} ${readManifest(name).name}\n`)
    for (const problem of found) process.stdout.write(`${problem}\n`)
    problems.push(...found)
  }
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

/**
 * @param {string} name
 * @returns {Promise<string[]>} what is wrong with the package
 */
async function check(name) {
  const tarball = await pack(name)
  const manifest = readManifest(name)
  const results = await Promise.all([lint(tarball), types(tarball), imports(manifest, name)])
  return results.flat()
}

/** @param {string} name */
async function pack(name) {
  const destination = join(folder, name)
  // Built already: `prepack` would only look again.
  const options = ['--config.ignore-scripts=true', '--pack-destination', destination]
  await run('pnpm', ['pack', ...options], { cwd: `packages/${name}`, shell })
  const [file] = await readdir(destination)
  if (!file) throw new Error(`pnpm pack left no tarball for ${name}.`)
  return join(destination, file)
}

/** @param {string} tarball */
async function lint(tarball) {
  const file = await readFile(tarball)
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(file).buffer }, strict: true })
  return messages.map(
    (message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`,
  )
}

/** @param {string} tarball */
async function types(tarball) {
  try {
    await run('attw', [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color', '--format', 'ascii'], {
      shell,
    })
    return []
  } catch (error) {
    const output = /** @type {{ stdout?: string }} */ (error).stdout
    return [`are-the-types-wrong: ${output || error}`]
  }
}

/**
 * @param {{ name: string, exports: Record<string, unknown> }} manifest
 * @param {string} name
 */
async function imports(manifest, name) {
  const entries = Object.keys(manifest.exports).filter((entry) => entry !== './package.json')
  const problems = await Promise.all(
    entries.map(async (entry) => {
      const specifier = manifest.name + entry.slice(1)
      const code = `await import(${JSON.stringify(specifier)})`
      try {
        await run('node', ['--input-type=module', '--eval', code], { cwd: `packages/${name}` })
        return []
      } catch (error) {
        return [`import ${specifier}: ${/** @type {{ stderr?: string }} */ (error).stderr || error}`]
      }
    }),
  )
  return problems.flat()
}
