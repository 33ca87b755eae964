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
