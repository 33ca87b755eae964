import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SynclineError } from '../errors/syncline-error.ts'
import { channelParameters, formatChannelName } from './channel-name.ts'
import { matchChannelName, patternsOverlap } from './match-channel-name.ts'

const parameter = fc.constantFrom(':a', ':b', ':id', ':__proto__', ':toString')
const literal = fc.oneof(
  fc.constantFrom('x', 'y', '%', '%2F', 'a b', 'é', '__proto__'),
  fc.string({ minLength: 1, maxLength: 4 }),
)
const segment = fc.oneof(parameter, literal)
const isPattern = (pattern: string): boolean => {
  try {
    channelParameters(pattern)
    return true
  } catch {
    return false
  }
}
const pattern = fc
  .array(segment, { minLength: 1, maxLength: 3 })
  .map((list) => list.join('/'))
  .filter(isPattern)
const value = fc.oneof(
  fc.string({ minLength: 1, maxLength: 10, unit: 'binary' }),
  fc.constantFrom('/', '%', '%2F', ':', '..', '\ud800', ' ', '\0'),
  fc.double(),
)
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  pattern,
  fc.array(fc.constantFrom(':', '/', 'a', '%', '2', 'F')).map((list) => list.join('')),
)

it('a pattern is taken, or refused with invalid-channel', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      try {
        const parameters = channelParameters(text)
        expect(new Set(parameters).size).toBe(parameters.length)
      } catch (error) {
        expect(error).toBeInstanceOf(SynclineError)
        expect(error).toHaveProperty('code', 'invalid-channel')
      }
    }),
    { numRuns: 1_000 },
  )
})

it('parameters become a name and come back as they were, or are refused with invalid-channel', () => {
  fc.assert(
    fc.property(pattern, fc.array(value, { minLength: 3, maxLength: 3 }), (name, values) => {
      const entries = channelParameters(name).map((key, index) => [key, values[index]!] as const)
      let formatted: string
      try {
        formatted = formatChannelName({ name }, Object.fromEntries(entries))
      } catch (error) {
        expect(error).toHaveProperty('code', 'invalid-channel')
        return
      }
      const asText = Object.fromEntries(entries.map(([key, one]) => [key, String(one)]))
      expect(matchChannelName(name, formatted)).toEqual(asText)
    }),
    { numRuns: 1_000 },
  )
})

it('a name that matches is the one that its parameters make: no channel has two names', () => {
  const name = fc
    .array(fc.oneof(segment, value.map(String)), { minLength: 1, maxLength: 3 })
    .map((list) => list.join('/'))
  fc.assert(
    fc.property(pattern, fc.oneof(name, anyText), (of, text) => {
      const parameters = matchChannelName(of, text)
      if (parameters) expect(formatChannelName({ name: of }, parameters)).toBe(text)
    }),
    { numRuns: 1_000 },
  )
})

it('a name never belongs to two patterns that are not said to overlap', () => {
  fc.assert(
    fc.property(pattern, pattern, fc.array(value, { minLength: 3, maxLength: 3 }), (one, other, values) => {
      const parameters = Object.fromEntries(channelParameters(one).map((key, index) => [key, values[index]!]))
      let name: string
      try {
        name = formatChannelName({ name: one }, parameters)
      } catch {
        return
      }
      if (matchChannelName(other, name)) expect(patternsOverlap(one, other)).toBe(true)
      expect(patternsOverlap(one, other)).toBe(patternsOverlap(other, one))
    }),
    { numRuns: 1_000 },
  )
})
