import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { packageEntries } from './entries.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))

test('tsconfig.base.json has a path for every entry of every package', () => {
  const { compilerOptions } = JSON.parse(readFileSync(`${root}tsconfig.base.json`, 'utf8'))
  const expected = packageEntries().map(({ specifier, source }) => [
    specifier,
    [`./${relative(root, source)}`],
  ])
  expect(compilerOptions.paths).toEqual(Object.fromEntries(expected))
})
