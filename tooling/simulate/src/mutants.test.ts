import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { applyPatches } from './build-worker.ts'
import { mutants } from './mutants.ts'

const root = new URL('../../../', import.meta.url)

test.each(mutants.map(({ name, patches }) => [name, patches] as const))(
  'the text that "%s" changes is there',
  (_, patches) => {
    for (const patch of patches) {
      const file = fileURLToPath(new URL(patch.file, root))
      const text = readFileSync(file, 'utf8')
      expect(applyPatches(file, text, [patch])).not.toBe(text)
    }
  },
)

test('each has a name of its own', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
})
