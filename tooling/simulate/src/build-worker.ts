import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { packageEntries } from '../../resolve/entries.mjs'

/** A change of one source file of the product. */
export interface Patch {
  /** From the repository's root. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

export interface WorkerBundle {
  readonly file: string
  remove(): void
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const sources = new Map(packageEntries().map(({ specifier, source }) => [specifier, source]))

const resolvePackages: Plugin = {
  name: 'sources of the packages',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^@syncline\// }, ({ path }) => {
      const source = sources.get(path)
      return source === undefined ? undefined : { path: source }
    })
  },
}

/** @throws Error where the text that a patch changes is not there any more, or not once */
export const applyPatches = (file: string, text: string, patches: readonly Patch[]): string => {
  let patched = text
  for (const { file: target, find, replace } of patches) {
    if (join(root, target) !== file) continue
    if (patched.split(find).length !== 2) throw new Error(`${target} does not have this text once:\n${find}`)
    patched = patched.replace(find, () => replace)
  }
  return patched
}

const patching = (patches: readonly Patch[]): Plugin => ({
  name: 'patches',
  setup: ({ onLoad }) => {
    const files = new Set(patches.map(({ file }) => join(root, file)))
    onLoad({ filter: /\.ts$/ }, ({ path }) =>
      files.has(path)
        ? { contents: applyPatches(path, readFileSync(path, 'utf8'), patches), loader: 'ts' }
        : undefined,
    )
  },
})

/** Bundles the worker with the packages' sources, patched. */
export const buildWorker = async (patches: readonly Patch[] = []): Promise<WorkerBundle> => {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-simulate-'))
  const file = join(folder, 'worker.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('worker.ts', import.meta.url))],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    sourcemap: 'inline',
    logLevel: 'error',
    plugins: [resolvePackages, patching(patches)],
  })
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
