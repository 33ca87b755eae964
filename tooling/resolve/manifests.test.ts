import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { packageFolders, readManifest } from './entries.mjs'

interface Manifest {
  readonly engines?: { readonly node?: string }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

/** The first Node that a package runs on; 0 where it does not say. */
const firstNode = ({ engines }: Manifest): number => Number(/^>=\s*(\d+)/.exec(engines?.node ?? '>=0')?.[1])

/** What comes along when the package is installed; peers are the app's own choice. */
const brought = (folder: string): readonly string[] =>
  Object.keys((readManifest(folder) as Manifest).dependencies ?? {})

const pairs = packageFolders().flatMap((folder) => brought(folder).map((name) => [folder, name] as const))

describe('engines', () => {
  test.each(pairs)('%s runs wherever it says, with %s', (folder, name) => {
    const manifest = JSON.parse(readFileSync(`packages/${folder}/node_modules/${name}/package.json`, 'utf8'))
    expect(firstNode(manifest)).toBeLessThanOrEqual(firstNode(readManifest(folder) as Manifest))
  })
})

test.each(packageFolders())('%s is built before it is packed, whatever lies in its dist', (folder) => {
  expect((readManifest(folder) as Manifest).scripts?.prepack).toContain('run build')
})
