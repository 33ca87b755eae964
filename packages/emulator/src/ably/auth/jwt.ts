import { createHmac } from 'node:crypto'
import { AblyError } from '../ably-error.ts'
import { type ApiKeys, sameText } from './api-keys.ts'
import { intersect, parseCapability } from './capability.ts'
import type { Principal } from './principal.ts'

/**
 * Reads a JWT as Ably takes it: HS256 with the key's secret, `kid` is the key's name, `x-ably-capability` and
 * `x-ably-clientId` say what for. Says nothing about expiry.
 *
 * @throws AblyError 40144 when malformed or wrongly signed, and as `ApiKeys.byName`
 */
export const readJwt = (keys: ApiKeys, text: string): Principal => {
  const [head = '', body = '', signature = ''] = text.split('.')
  const { alg, kid } = part(head)
  if (alg !== 'HS256') throw new AblyError(40144, 'invalid JWT: alg must be HS256')
  if (typeof kid !== 'string') throw new AblyError(40144, 'invalid JWT: kid must be the key name')
  const key = keys.byName(kid)
  const expected = createHmac('sha256', key.secret).update(`${head}.${body}`).digest('base64url')
  if (!sameText(signature, expected)) throw new AblyError(40144, 'invalid JWT: signature verification failed')
  const claims = part(body)
  const { iat, exp } = claims
  if (typeof iat !== 'number' || typeof exp !== 'number')
    throw new AblyError(40144, 'invalid JWT: iat and exp must be numbers')
  const asked = claims['x-ably-capability']
  const clientId = claims['x-ably-clientId']
  const revocationKey = claims['x-ably-revocation-key']
  if (asked !== undefined && typeof asked !== 'string')
    throw new AblyError(40144, 'invalid JWT: x-ably-capability must be a JSON string')
  return {
    keyName: key.name,
    capability:
      asked === undefined ? key.capability : intersect(key.capability, parseCapability(asked, 40144)),
    clientId: typeof clientId === 'string' ? clientId : undefined,
    token: {
      text,
      issued: iat * 1000,
      expires: exp * 1000,
      ...(typeof revocationKey === 'string' ? { revocationKey } : {}),
    },
  }
}

const part = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Falls through to the one answer for everything that is not a JWT.
  }
  throw new AblyError(40144, 'invalid JWT format')
}
