import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const read = (path: string): string => readFileSync(root + path, 'utf8')
const spec = read('packages/core/SPEC.md')

const conformance = globSync('packages/testing/src/conformance/*-suite.ts', { cwd: root })
  .map(read)
  .join('\n')
const sourceOf = (where: string): string => (where === 'conformance' ? conformance : read(where))

const named = [...spec.matchAll(/^- "(.+)" \((.+)\)$/gm)].map(([, name = '', where = '']) => ({
  name,
  where,
}))
const files = new Set([...spec.matchAll(/`(packages\/[^`]+\.ts)`/g)].map(([, path = '']) => path))

describe('SPEC.md', () => {
  test('says for each of its points which tests hold it, or that it is not built', () => {
    const sections = spec.split(/^### /m).slice(1)
    expect(sections).toHaveLength(24)
    const bare = sections.filter((section) => !/^- "/m.test(section) && !section.includes('Not built yet'))
    expect(bare.map((section) => section.split('\n', 1)[0])).toEqual([])
  })

  test('lists tests in one form only', () => {
    expect(spec.match(/^- /gm)).toHaveLength(named.length)
  })

  test('names a test once for each of its points', () => {
    const twice = spec.split(/^### /m).flatMap((section) => {
      const lines: readonly string[] = section.match(/^- .*/gm) ?? []
      return lines.filter((line, index) => lines.indexOf(line) !== index)
    })
    expect(twice).toEqual([])
  })

  test.each(named)('names a test that exists: $name ($where)', ({ name, where }) => {
    const quoted = [`'${name}'`, `"${name}"`, `\`${name}\``]
    expect(quoted.some((literal) => sourceOf(where).includes(literal))).toBe(true)
  })

  test.each([...files])('names a file that exists: %s', (path) => {
    expect(read(path)).not.toBe('')
  })
})
