/** Why a token is asked for. `refused`: the hub did not accept the last one. */
export type TokenReason = 'connect' | 'expiring' | 'refused'

/** A token and when it expires (ms since 1970). For a JWT its `exp` is read where `expiresAt` is left out. */
export interface Token {
  readonly token: string
  readonly expiresAt?: number
}

/**
 * Where tokens come from: called once at a time, so it must settle in the end.
 *
 * When it throws, the client pauses in `needs-auth` with `token-failed`, until `retryNow()` or until the page
 * or the network comes back. Throw a `SynclineError` of another code where waiting helps: `try-later` (with a
 * `retryAfter`, if known) or `transport-failed` are tried again with the backoff.
 */
export type TokenProvider = (request: {
  readonly reason: TokenReason
}) => string | Token | Promise<string | Token>
