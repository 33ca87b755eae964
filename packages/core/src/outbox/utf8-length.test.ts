import { expect, test } from 'vitest'
import { utf8Length } from './utf8-length.ts'

const mixed = '\u{1F600}ä€x'
test.each(['', 'plain', 'ä', 'ﬀ€', `${mixed} mixed`, 'x'.repeat(20_000), mixed.repeat(9_999)])(
  '%#',
  (text) => {
    expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
  },
)
