import type { Token } from './token-provider.ts'

/** The claims of a JWT, unverified (RFC 7519): the hub verifies, the client only reads when to renew. */
const claimsOf = (token: string): { readonly exp?: unknown; readonly iat?: unknown } => {
  const payload = token.split('.')[1]
  if (!payload) return {}
  try {
    return JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) ?? {}
  } catch {
    return {} // an opaque token with dots in it
  }
}

/**
 * How long a token holds from now on, in milliseconds; `Infinity` when that is not known.
 *
 * Clocks differ: a JWT issued in this machine's future shows that the clock is behind, so its life is counted
 * from `iat`. So it is when it looks expired as it arrives: the clock may be ahead, and the hub decides. Without
 * `iat` its life is unknown.
 */
export const tokenLife = ({ token, expiresAt }: Token, now: number): number => {
  const { exp, iat } = expiresAt === undefined ? claimsOf(token) : {}
  const end = expiresAt ?? (typeof exp === 'number' ? exp * 1_000 : Number.NaN)
  const issued = typeof iat === 'number' ? iat * 1_000 : now
  const life = end - Math.max(issued, end > now ? now : 0)
  return life > 0 ? life : Infinity
}
