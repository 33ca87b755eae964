import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { SynclineError } from '@syncline/core'
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { verifyJwt } from './verify-jwt.ts'

const secret = 'a-secret-of-at-least-thirty-two-bytes'
const key = new TextEncoder().encode(secret)
const now = () => 1_000_000_000_000
const seconds = now() / 1_000

const sign = (
  claims: JWTPayload,
  alg = 'HS256',
  with_: CryptoKey | Uint8Array = key,
  kid?: string,
): Promise<string> => new SignJWT(claims).setProtectedHeader({ alg, ...(kid && { kid }) }).sign(with_)
const ada = { sub: 'ada', exp: seconds + 60 }

const codeOf = (error: unknown): unknown => (error instanceof SynclineError ? error.code : error)
const code = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'ok', codeOf)

describe('verifyJwt', () => {
  const authenticate = verifyJwt({ secret, now })

  test('gives the subject, the expiry and the claims', async () => {
    const token = await sign({ ...ada, role: 'editor' })
    expect(await authenticate({ token })).toEqual({
      id: 'ada',
      expiresAt: (seconds + 60) * 1_000,
      claims: { sub: 'ada', exp: seconds + 60, role: 'editor' },
    })
  })

  test.each([
    ['expired', { ...ada, exp: seconds - 1, email: 'ada@example.com' }, {}],
    ['for another', { ...ada, aud: 'other', email: 'ada@example.com' }, { audience: 'us' }],
  ])('what it throws for a token that is %s carries no claims into a log', async (_, claims, options) => {
    const token = await sign(claims)
    const error = await verifyJwt({ secret, now, ...options })({ token }).catch((thrown) => thrown)
    const logged = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })
    expect(logged).toContain('claim')
    expect(logged).not.toContain('ada@example.com')
    expect(logged).not.toContain(token)
  })

  test('a token without expiry gives a session without one', async () => {
    expect(await authenticate({ token: await sign({ sub: 'ada' }) })).not.toHaveProperty('expiresAt')
  })

  test('user makes of the claims what handlers get, but not another id', async () => {
    const withUser = verifyJwt({ secret, now, user: ({ name }) => ({ name, id: 'mallory' }) })
    expect(await withUser({ token: await sign({ ...ada, name: 'Ada' }) })).toEqual({
      id: 'ada',
      name: 'Ada',
      expiresAt: (seconds + 60) * 1_000,
    })
  })

  test('refuses what is missing, wrong or unsigned', async () => {
    const none = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(ada))}.`.replaceAll('=', '')
    expect(await code(authenticate({ token: undefined }))).toBe('unauthenticated')
    expect(await code(authenticate({ token: '' }))).toBe('unauthenticated')
    expect(await code(authenticate({ token: 'not-a-token' }))).toBe('unauthenticated')
    expect(await code(authenticate({ token: none }))).toBe('unauthenticated')
    expect(await code(authenticate({ token: await sign(ada, 'HS256', key.slice(1)) }))).toBe(
      'unauthenticated',
    )
    expect(await code(authenticate({ token: await sign(ada, 'HS512') }))).toBe('unauthenticated')
    expect(await code(authenticate({ token: await sign({ exp: seconds + 60 }) }))).toBe('unauthenticated')
    expect(await code(authenticate({ token: await sign({ ...ada, sub: '' }) }))).toBe('unauthenticated')
  })

  test('tells an expired token apart, to the second, and obeys the tolerance', async () => {
    const token = await sign({ sub: 'ada', exp: seconds - 2 })
    expect(await code(authenticate({ token }))).toBe('token-expired')
    expect(await code(authenticate({ token: await sign({ sub: 'ada', exp: seconds }) }))).toBe(
      'token-expired',
    )
    expect(await code(verifyJwt({ secret, now, clockTolerance: 3_000 })({ token }))).toBe('ok')
    expect(await code(authenticate({ token: await sign({ ...ada, nbf: seconds + 5 }) }))).toBe(
      'unauthenticated',
    )
  })

  test('issuer and audience are one of those named', async () => {
    const strict = verifyJwt({ secret, now, issuer: ['a', 'b'], audience: 'app' })
    expect(await code(strict({ token: await sign({ ...ada, iss: 'b', aud: ['app', 'x'] }) }))).toBe('ok')
    expect(await code(strict({ token: await sign({ ...ada, iss: 'c', aud: 'app' }) }))).toBe(
      'unauthenticated',
    )
    expect(await code(strict({ token: await sign({ ...ada, iss: 'a' }) }))).toBe('unauthenticated')
  })

  test('refuses options that would not be safe', () => {
    expect(() => verifyJwt({ secret: 'short' })).toThrow(TypeError)
    expect(() => verifyJwt({ secret, algorithms: ['RS256'] })).toThrow(TypeError)
    expect(() => verifyJwt({ publicKey: 'pem', algorithms: ['HS256'] })).toThrow(TypeError)
    expect(() => verifyJwt({ jwksUrl: 'https://a.example', algorithms: [] })).toThrow(TypeError)
    expect(() => verifyJwt({} as never)).toThrow(TypeError)
  })
})

describe('verifyJwt with public keys', () => {
  let rsa: CryptoKeyPair
  let ec: CryptoKeyPair
  let pem: string
  const servers: { close(): void }[] = []

  beforeAll(async () => {
    rsa = await generateKeyPair('RS256', { extractable: true })
    ec = await generateKeyPair('ES256', { extractable: true })
    pem = await exportSPKI(rsa.publicKey)
  })
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  test('a PEM, and a CryptoKey', async () => {
    const token = await sign(ada, 'RS256', rsa.privateKey)
    expect(await verifyJwt({ publicKey: pem, now })({ token })).toMatchObject({ id: 'ada' })
    expect(await verifyJwt({ publicKey: rsa.publicKey, now })({ token })).toMatchObject({ id: 'ada' })
  })

  test('the public key is never taken for a shared secret, nor for a key of another kind', async () => {
    const authenticate = verifyJwt({ publicKey: pem, now })
    const forged = await sign(ada, 'HS256', new TextEncoder().encode(pem))
    expect(await code(authenticate({ token: forged }))).toBe('unauthenticated')
    expect(await code(authenticate({ token: await sign(ada, 'ES256', ec.privateKey) }))).toBe(
      'unauthenticated',
    )
    expect(await code(authenticate({ token: await sign(ada, 'RS256', rsa.privateKey) }))).toBe('ok')
  })

  test('keys from a URL; an outage there is no fault of the token', async () => {
    let status = 500
    const keys = JSON.stringify({ keys: [{ ...(await exportJWK(ec.publicKey)), alg: 'ES256', kid: 'k1' }] })
    const server = createServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(keys)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const authenticate = verifyJwt({ jwksUrl: `http://127.0.0.1:${port}/jwks`, now })
    const token = await sign(ada, 'ES256', ec.privateKey, 'k1')
    expect(await authenticate({ token }).catch((error) => error)).toMatchObject({
      code: 'try-later',
      retryAfter: 5_000,
    })
    status = 200
    expect(await authenticate({ token })).toMatchObject({ id: 'ada' })
    expect(await code(authenticate({ token: await sign(ada, 'ES256', ec.privateKey, 'k2') }))).toBe(
      'unauthenticated',
    )
  })

  test('an unreachable URL is an outage too', async () => {
    const authenticate = verifyJwt({ jwksUrl: 'http://127.0.0.1:1/jwks', now })
    const token = await sign(ada, 'ES256', ec.privateKey, 'k1')
    expect(await code(authenticate({ token }))).toBe('try-later')
  })
})
