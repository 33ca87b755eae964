import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { errorCatalog } from './error-catalog.ts'

const packages = fileURLToPath(new URL('../../../', import.meta.url))
const sources = globSync('*/src/**/*.ts', { cwd: packages })
  .filter((path) => !/\.test\.ts$|error-catalog|testing\//.test(path))
  .map((path) => readFileSync(packages + path, 'utf8'))
  .join('\n')

test.each(Object.keys(errorCatalog))('%s is told by somebody', (code) => {
  expect(sources).toContain(`'${code}'`)
})
