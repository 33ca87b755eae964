/** Why a token is asked for. `refused`: the hub did not accept the last one. */
export type TokenReason = 'connect' | 'expiring' | 'refused'

/** A token and when it expires (ms since 1970). For a JWT its `exp` is read where `expiresAt` is left out. */
export interface Token {
  readonly token: string
  readonly expiresAt?: number
}

/**
 * Where tokens come from: called once at a time. One that does not settle within `attemptTimeout` is given up. Give
 * a `fetch` in it a shorter `AbortSignal.timeout`: over a connection that died silently it would hang for minutes,
 * and browsers have six to a host.
 *
 * When it throws, its server may be down: it is asked again with the backoff, and the status is `reconnecting`
 * with `token-failed`. Throw a `SynclineError` with a `retryAfter` where that is known. Where nobody is signed
 * in, throw `new SynclineError('unauthenticated')` or `'forbidden'`: the client then pauses in `needs-auth`
 * until `retryNow()`.
 */
export type TokenProvider = (request: {
  readonly reason: TokenReason
}) => string | Token | Promise<string | Token>
