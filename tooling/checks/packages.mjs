// `pnpm check:packages`, after a build: packs every package as it would be published and asks publint and
// are-the-types-wrong about the result; then imports every entry in Node, and asks every command for its `--help`.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
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
  const results = await Promise.all([
    lint(tarball),
    types(tarball),
    imports(manifest, name),
    commands(manifest, name, tarball),
  ])
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

/**
 * Each command runs from the tarball: a file left out of it, or one that is no program, shows.
 *
 * @param {{ bin?: Record<string, string> }} manifest
 * @param {string} name
 * @param {string} tarball
 */
async function commands({ bin = {} }, name, tarball) {
  if (Object.keys(bin).length === 0) return []
  const unpacked = await unpack(name, tarball)
  const problems = await Promise.all(
    Object.entries(bin).map(async ([command, file]) => {
      try {
        const { stdout } = await run('node', [join(unpacked, file), '--help'], { timeout: 60_000 })
        return stdout.includes(command) ? [] : [`${command} --help does not name it: ${stdout}`]
      } catch (error) {
        return [`${command} --help: ${/** @type {{ stderr?: string }} */ (error).stderr || error}`]
      }
    }),
  )
  return problems.flat()
}

/**
 * @param {string} name
 * @param {string} tarball
 */
async function unpack(name, tarball) {
  const destination = join(folder, `${name}-unpacked`)
  await mkdir(destination)
  await run('tar', ['-xzf', tarball, '-C', destination])
  // What it depends on is where the workspace has it.
  await symlink(resolve('packages', name, 'node_modules'), join(destination, 'node_modules'), 'junction')
  return join(destination, 'package')
}
