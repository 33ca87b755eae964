import { createHmac } from 'node:crypto'
import { AblyError } from '../ably-error.ts'
import { type ApiKey, sameText } from './api-keys.ts'
import { intersect, parseCapability } from './capability.ts'
import type { TokenSpec } from './token.ts'

const HOUR = 3_600_000
const DEFAULT_TTL = HOUR
const MAX_TTL = 24 * HOUR
/** How far a request's timestamp may be off. */
const TOLERANCE = 15 * 60_000
/** Nonces kept; the oldest make room. */
const MAX_NONCES = 10_000

/** Checks signed token requests and remembers their nonces, so that each works once. */
export interface TokenRequests {
  /**
   * @param signed whether the request must carry a mac; not needed where the caller showed the key itself
   * @throws AblyError 40003, 40012, 40101 (mac), 40104 (timestamp), 40105 (nonce), 40160 (capability)
   */
  check(key: ApiKey, request: Readonly<Record<string, unknown>>, signed: boolean): TokenSpec
}

export const createTokenRequests = (now: () => number): TokenRequests => {
  const nonces = new Map<string, number>()
  const useNonce = (id: string) => {
    for (const [old, at] of nonces) {
      if (nonces.size < MAX_NONCES && at + 2 * TOLERANCE > now()) break
      nonces.delete(old)
    }
    if (nonces.has(id)) throw new AblyError(40105, 'nonce value replayed')
    nonces.set(id, now())
  }
  return {
    check: (key, request, signed) => {
      const fields = readFields(key, request)
      if (signed) {
        const { nonce, timestamp, mac } = request
        if (typeof nonce !== 'string' || nonce.length < 16 || nonce.length > 256)
          throw new AblyError(40003, 'nonce must have 16 to 256 characters')
        if (typeof timestamp !== 'number') throw new AblyError(40003, 'timestamp must be a number')
        if (typeof mac !== 'string') throw new AblyError(40101, 'the token request is not signed')
        if (!sameText(macOf(key, request), mac))
          throw new AblyError(40101, 'the mac of the token request does not match')
        if (Math.abs(timestamp - now()) > TOLERANCE) throw new AblyError(40104, 'timestamp not current')
        useNonce(`${key.name}\n${nonce}`)
      }
      const issued = now()
      return {
        issued,
        expires: issued + fields.ttl,
        clientId: fields.clientId,
        capability: fields.capability
          ? intersect(key.capability, parseCapability(fields.capability))
          : key.capability,
      }
    },
  }
}

const readFields = (key: ApiKey, request: Readonly<Record<string, unknown>>) => {
  const { keyName, ttl, capability, clientId } = request
  if (keyName !== undefined && keyName !== key.name)
    throw new AblyError(40101, 'the token request is for another key')
  const milliseconds = ttl === undefined || ttl === '' ? DEFAULT_TTL : Number(ttl)
  if (!(milliseconds > 0 && milliseconds <= MAX_TTL))
    throw new AblyError(40003, `ttl must be between 1 and ${MAX_TTL} ms`)
  if (capability !== undefined && typeof capability !== 'string')
    throw new AblyError(40003, 'capability must be a JSON string')
  if (clientId !== undefined && (typeof clientId !== 'string' || clientId === ''))
    throw new AblyError(40012, 'clientId must be a non-empty string')
  return { ttl: milliseconds, capability, clientId }
}

/** Ably's text to sign: these fields, a line each. */
const macOf = (key: ApiKey, { ttl, capability, clientId, timestamp, nonce }: Record<string, unknown>) =>
  createHmac('sha256', key.secret)
    .update(
      [key.name, ttl ?? '', capability ?? '', clientId ?? '', timestamp, nonce]
        .map((line) => `${line}\n`)
        .join(''),
    )
    .digest('base64')
