import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const packages = new URL('../../packages/', import.meta.url)

/**
 * Every public entry of every package, read from the packages' own `exports`, with the source file behind it:
 * `src/index.ts` for `.`, `src/<entry>/index.ts` for the others.
 *
 * @returns {{ package: string, entry: string, specifier: string, source: string }[]}
 */
export function packageEntries() {
  return packageFolders().flatMap((folder) => {
    const manifest = readManifest(folder)
    return Object.keys(manifest.exports)
      .filter((entry) => entry !== './package.json')
      .map((entry) => ({
        package: folder,
        entry,
        specifier: manifest.name + entry.slice(1),
        source: fileURLToPath(new URL(`${folder}/${sourceOf(entry)}`, packages)),
      }))
  })
}

/** @returns {string[]} the folders under `packages` that hold a package */
export function packageFolders() {
  return readdirSync(packages, { withFileTypes: true })
    .filter((item) => item.isDirectory() && readManifest(item.name))
    .map((item) => item.name)
    .sort()
}

/**
 * @param {string} entry a key of `exports`
 * @returns {string} its source, relative to the package
 */
export function sourceOf(entry) {
  return entry === '.' ? 'src/index.ts' : `src/${entry.slice(2)}/index.ts`
}

/**
 * @param {string} folder
 * @returns {any} the package's manifest, or undefined where the folder is no package
 */
export function readManifest(folder) {
  try {
    return JSON.parse(readFileSync(new URL(`${folder}/package.json`, packages), 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
