import { SynclineError } from '@syncline/core'
import {
  createRemoteJWKSet,
  errors,
  importSPKI,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import type { Identity } from '../channel/identity.ts'

/** Exactly one source of keys. */
export type JwtKey =
  /** Shared with who issues the tokens: at least 32 bytes (RFC 7518, 3.2). */
  | { readonly secret: string | Uint8Array; readonly publicKey?: never; readonly jwksUrl?: never }
  /** The issuer's public key: PEM (SPKI) or a `CryptoKey`. */
  | { readonly publicKey: string | CryptoKey; readonly secret?: never; readonly jwksUrl?: never }
  /** Where the issuer publishes its keys; fetched when needed and kept for 10 minutes. */
  | { readonly jwksUrl: string | URL; readonly secret?: never; readonly publicKey?: never }

export type JwtOptions<User extends object> = JwtKey & {
  /** Who must have issued the token (`iss`). Default: anybody with the key. */
  readonly issuer?: string | readonly string[]
  /** For whom it must have been issued (`aud`). Default: anybody. */
  readonly audience?: string | readonly string[]
  /**
   * The signature algorithms that are taken; a token's own word never decides. Default: `HS256` with `secret`;
   * `RS256`, `PS256`, `ES256` and `EdDSA` with public keys. `HS…` goes with `secret` only.
   */
  readonly algorithms?: readonly string[]
  /** Milliseconds by which clocks may differ. Default 0. */
  readonly clockTolerance?: number
  /** What handlers get beside `id` and `expiresAt`. Default: `{ claims }`. */
  readonly user?: (claims: JWTPayload) => User
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: () => number
}

const publicAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA']

const misuse = (detail: string): TypeError => new TypeError(`verifyJwt: ${detail}`)

const algorithmsOf = (isSecret: boolean, asked: readonly string[] | undefined): string[] => {
  const algorithms = [...(asked ?? (isSecret ? ['HS256'] : publicAlgorithms))]
  if (algorithms.length === 0) throw misuse('`algorithms` is empty.')
  for (const algorithm of algorithms)
    if (algorithm.startsWith('HS') !== isSecret)
      throw misuse(`${algorithm} does not go with ${isSecret ? '`secret`' : 'public keys'}.`)
  return algorithms
}

const secretKey = (secret: string | Uint8Array): JWTVerifyGetKey => {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  if (bytes.byteLength < 32) throw misuse('`secret` needs at least 32 bytes.')
  return async () => bytes
}

/** A PEM is imported for each algorithm that a token names, once; the pinned list was checked before. */
const pemKey = (pem: string): JWTVerifyGetKey => {
  const keys = new Map<string, Promise<CryptoKey>>()
  return ({ alg }) => {
    const key = keys.get(alg) ?? importSPKI(pem, alg)
    keys.set(alg, key)
    return key
  }
}

const keyOf = ({ secret, publicKey, jwksUrl }: JwtKey): JWTVerifyGetKey => {
  if (secret !== undefined) return secretKey(secret)
  if (typeof publicKey === 'string') return pemKey(publicKey)
  if (publicKey !== undefined) return async () => publicKey
  if (jwksUrl !== undefined) return createRemoteJWKSet(new URL(jwksUrl))
  throw misuse('give one of `secret`, `publicKey` and `jwksUrl`.')
}

/** The issuer's keys could not be fetched: that says nothing about the token. */
const isOutage = (error: unknown): boolean =>
  !(error instanceof errors.JOSEError) ||
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  error.code === errors.JOSEError.code

/** What `jose` says without the claims that it keeps on its errors: the error goes to the hub's log. */
const withoutClaims = (error: unknown): unknown =>
  error instanceof errors.JOSEError ? new Error(`${error.code}: ${error.message}`) : error

const refused = (error: unknown, remote: boolean): SynclineError => {
  const cause = withoutClaims(error)
  if (error instanceof errors.JWTExpired) return new SynclineError('token-expired', { cause })
  if (remote && isOutage(error))
    return new SynclineError('try-later', {
      cause,
      retryAfter: 5_000,
      detail: 'The token could not be checked.',
    })
  return new SynclineError('unauthenticated', { cause })
}

/**
 * An `authenticate` for `createHub` that checks JSON Web Tokens (with `jose`). The person is the token's `sub`;
 * the session ends at its `exp`, and the client fetches a fresh token before that.
 *
 * Refuses with `unauthenticated` (no token, wrong signature, algorithm, issuer or audience, no `sub`),
 * `token-expired`, or `try-later` when the issuer's keys cannot be fetched. Throws `TypeError` at once for
 * options that would not be safe.
 *
 * @example
 * createHub({ authenticate: verifyJwt({ secret, issuer: 'https://auth.example.com' }), … })
 */
export const verifyJwt = <User extends object = { readonly claims: JWTPayload }>(
  options: JwtOptions<User>,
): ((opening: { readonly token?: string | undefined }) => Promise<Identity & User>) => {
  const { issuer, audience, clockTolerance = 0, now } = options
  const key = keyOf(options)
  const user = options.user ?? ((claims: JWTPayload) => ({ claims }) as unknown as User)
  const fixed: JWTVerifyOptions = {
    algorithms: algorithmsOf(options.secret !== undefined, options.algorithms),
    clockTolerance: clockTolerance / 1_000,
    ...(issuer !== undefined && { issuer: [issuer].flat() }),
    ...(audience !== undefined && { audience: [audience].flat() }),
  }
  const claimsOf = async (token: string): Promise<JWTPayload> => {
    try {
      const { payload } = await jwtVerify(
        token,
        key,
        now ? { ...fixed, currentDate: new Date(now()) } : fixed,
      )
      return payload
    } catch (error) {
      throw refused(error, options.jwksUrl !== undefined)
    }
  }
  return async ({ token }) => {
    if (!token) throw new SynclineError('unauthenticated', { detail: 'There is no token.' })
    const claims = await claimsOf(token)
    if (!claims.sub) throw new SynclineError('unauthenticated', { detail: 'The token has no `sub`.' })
    const expiresAt = claims.exp === undefined ? undefined : claims.exp * 1_000
    return { ...user(claims), id: claims.sub, ...(expiresAt !== undefined && { expiresAt }) }
  }
}
