import { Buffer } from 'node:buffer'
import { anyJson } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tokenLife } from './token-life.ts'

const now = Date.UTC(2026, 0, 1)
const jwt = (claims: unknown): string =>
  `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims) ?? '').toString('base64url')}.x`

it('a token’s life is read from its claims, whatever else it says', () => {
  const seconds = fc.integer({ min: now / 1_000 - 100_000, max: now / 1_000 + 100_000 })
  fc.assert(
    fc.property(seconds, fc.option(seconds), fc.dictionary(fc.string(), fc.jsonValue()), (exp, iat, more) => {
      const life = tokenLife({ token: jwt({ ...more, exp, iat }) }, now)
      const issued = (iat ?? now / 1_000) * 1_000
      const left = exp * 1_000 - (exp * 1_000 > now ? Math.max(now, issued) : issued)
      expect(life).toBe(left > 0 ? left : Number.POSITIVE_INFINITY)
    }),
  )
})

it('any text is a token: of unknown life where it says nothing that can be read', () => {
  const claims = fc.oneof(anyJson, fc.record({ exp: anyJson, iat: anyJson }))
  const text = fc.oneof(
    claims.map(jwt),
    fc.string({ unit: 'binary' }),
    fc.array(fc.base64String(), { maxLength: 4 }).map((parts) => parts.join('.')),
  )
  fc.assert(
    fc.property(text, (token) => {
      expect(tokenLife({ token }, now)).toBeGreaterThan(0)
    }),
    { numRuns: 1_000 },
  )
})
