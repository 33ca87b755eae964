import fc from 'fast-check'
import { expect, it } from 'vitest'
import { payloadHash } from './payload-hash.ts'

it('is the same for the same, and another for anything else', () => {
  const part = fc.string({ maxLength: 20 }).map((text) => text.replaceAll('\n', ''))
  fc.assert(
    fc.property(part, part, part, part, (name, json, otherName, otherJson) => {
      expect(payloadHash('mutate', name, json)).toBe(payloadHash('mutate', name, json))
      if (name !== otherName || json !== otherJson)
        expect(payloadHash('mutate', name, json)).not.toBe(payloadHash('mutate', otherName, otherJson))
      expect(payloadHash('mutate', name, json)).not.toBe(payloadHash('publish', name, json))
    }),
  )
})

it('takes in all of a long payload', () => {
  const long = 'ä☃x'.repeat(10_000)
  const hash = payloadHash('mutate', 'add', long)
  expect(payloadHash('mutate', 'add', `${long} `)).not.toBe(hash)
  for (const place of [0, 4_095, 8_190, 8_191, 8_192, 20_000, 29_999]) {
    const other = `${long.slice(0, place)}y${long.slice(place + 1)}`
    if (other !== long) expect(payloadHash('mutate', 'add', other)).not.toBe(hash)
  }
})
