import { createHmac, randomBytes } from 'node:crypto'
import { AblyError } from '../ably-error.ts'
import { type ApiKey, type ApiKeys, sameText } from './api-keys.ts'
import { type Capability, formatCapability, parseCapability } from './capability.ts'
import { readJwt } from './jwt.ts'
import type { Principal } from './principal.ts'

/** The body of a requestToken answer. */
export interface TokenDetails {
  readonly token: string
  readonly keyName: string
  readonly issued: number
  readonly expires: number
  readonly capability: string
  readonly clientId?: string
}

export interface TokenSpec {
  readonly issued: number
  readonly expires: number
  readonly capability: Capability
  readonly clientId: string | undefined
}

/** A token that carries its own contents, signed with the key's secret, so that nothing needs to be kept. */
export const issueToken = (key: ApiKey, spec: TokenSpec): TokenDetails => {
  const capability = formatCapability(spec.capability)
  const { issued, expires, clientId } = spec
  const unique = randomBytes(6).toString('base64url')
  const claims = { k: key.name, i: issued, e: expires, c: capability, u: clientId, n: unique }
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
  return {
    token: `${key.name.split('.')[0]}.${payload}~${sign(payload, key.secret)}`,
    keyName: key.name,
    issued,
    expires,
    capability,
    ...(clientId === undefined ? {} : { clientId }),
  }
}

/**
 * Reads a token of ours or a JWT; says nothing about expiry and revocation.
 *
 * @throws AblyError 40144 (JWT) or 40145 (ours) when malformed or wrongly signed, and as `ApiKeys.byName`
 */
export const readToken = (keys: ApiKeys, text: string): Principal => {
  if (text.split('.').length === 3) return readJwt(keys, text)
  const [, payload, mac] = /^[^.~]+\.([\w-]+)~([\w-]+)$/.exec(text) ?? []
  if (!payload || !mac) throw new AblyError(40145, 'invalid token format')
  const { k, i, e, c, u } = readClaims(payload)
  if (typeof k !== 'string' || typeof c !== 'string') throw new AblyError(40145, 'invalid token format')
  const key = keys.byName(k)
  if (!sameText(sign(payload, key.secret), mac)) throw new AblyError(40145, 'the token is not one of ours')
  return {
    keyName: key.name,
    capability: parseCapability(c, 40145),
    clientId: typeof u === 'string' ? u : undefined,
    token: { text, issued: Number(i), expires: Number(e) },
  }
}

const readClaims = (payload: string): Record<string, unknown> => {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const sign = (payload: string, secret: string) =>
  createHmac('sha256', secret).update(payload).digest('base64url')
