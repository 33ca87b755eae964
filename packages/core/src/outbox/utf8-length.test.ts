import { expect, test } from 'vitest'
import { utf8Length } from './utf8-length.ts'

test.each(['', 'plain', 'ä', 'ﬀ€', '\u{1F600} mixed ä', 'x'.repeat(1_000)])('%j', (text) => {
  expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
})
