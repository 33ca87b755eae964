import { AblyError } from '../ably-error.ts'
import type { ApiKeys } from './api-keys.ts'
import type { Principal } from './principal.ts'
import type { Revocations } from './revocations.ts'
import { readToken } from './token.ts'

/** Tokens remembered as used, or as expired by a fault; the oldest make room. */
const MAX_REMEMBERED = 10_000

export interface Credentials {
  readonly key?: string | undefined
  readonly token?: string | undefined
}

export interface Authenticator {
  /** @throws AblyError 40101 without credentials, 4014x for a token that does not count, and as `ApiKeys` */
  authenticate(credentials: Credentials): Principal
  /** @throws AblyError 40141 or 40142 when the token has been revoked or has expired since */
  recheck(principal: Principal): void
  /** Makes every token that was used so far count as expired. */
  expireUsed(): void
}

export const createAuthenticator = (
  keys: ApiKeys,
  revocations: Revocations,
  now: () => number,
): Authenticator => {
  let used = new Set<string>()
  const expired = new Set<string>()
  const recheck = (principal: Principal) => {
    const { token } = principal
    if (!token) return
    if (revocations.isRevoked(principal)) throw new AblyError(40141, 'token revoked')
    if (token.expires <= now() || expired.has(token.text)) throw new AblyError(40142, 'token expired')
  }
  return {
    authenticate: ({ key, token }) => {
      if (key !== undefined) {
        const { name, capability } = keys.check(key)
        return { keyName: name, capability, clientId: '*' }
      }
      if (token === undefined) throw new AblyError(40101, 'no authentication information provided')
      const principal = readToken(keys, token)
      recheck(principal)
      remember(used, token)
      return principal
    },
    recheck,
    expireUsed: () => {
      for (const token of used) remember(expired, token)
      used = new Set()
    },
  }
}

const remember = (tokens: Set<string>, token: string) => {
  tokens.delete(token)
  for (const oldest of tokens) {
    if (tokens.size < MAX_REMEMBERED) break
    tokens.delete(oldest)
  }
  tokens.add(token)
}
