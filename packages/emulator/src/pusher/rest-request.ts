import type { App } from './app.ts'
import { RestFailure } from './rest-failure.ts'
import { md5, sameText, sign } from './signature.ts'

/** A REST request in parts. */
export interface RestRequest {
  readonly method: string
  /** As it came, percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Buffer
}

/** Seconds that a request's timestamp may be away from ours. */
const MAX_AGE = 600

/**
 * Checks key, version, time, body and signature.
 *
 * @throws RestFailure with 401
 */
export const authenticate = (app: App, { method, path, query, body }: RestRequest): void => {
  if (query.get('auth_key') !== app.key)
    throw new RestFailure(401, `Unknown auth_key ${query.get('auth_key') ?? '(none)'}`)
  if (query.get('auth_version') !== '1.0') throw new RestFailure(401, 'auth_version must be 1.0')
  const timestamp = query.get('auth_timestamp') ?? ''
  const now = Math.floor(app.now() / 1000)
  if (!/^\d+$/.test(timestamp) || Math.abs(now - Number(timestamp)) > MAX_AGE)
    throw new RestFailure(
      401,
      `Timestamp expired: Given timestamp (${timestamp}) not within ${MAX_AGE}s of server time (${now})`,
    )
  const bodyMd5 = query.get('body_md5')
  if (body.length > 0 ? bodyMd5 !== md5(body) : bodyMd5 !== null && bodyMd5 !== md5(body))
    throw new RestFailure(401, 'body_md5 is missing or does not match the body')
  const given = query.get('auth_signature') ?? ''
  const texts = [...new Set([path, decode(path)])].map((form) => `${method}\n${form}\n${signedQuery(query)}`)
  if (!texts.some((text) => sameText(given, sign(app.secret, text))))
    throw new RestFailure(
      401,
      `Invalid signature: you should have sent HmacSHA256Hex(${JSON.stringify(texts[0])}, your_secret_key), but you sent ${JSON.stringify(given)}`,
    )
}

/** Sorted by key and not percent-encoded. */
const signedQuery = (query: URLSearchParams) =>
  [...query]
    .filter(([key]) => key !== 'auth_signature')
    .map(([key, value]) => [key.toLowerCase(), value] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, value]) => `${key}=${value}`)
    .join('&')

/** SDKs sign the path before it is percent-encoded. */
const decode = (path: string) => {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new RestFailure(400, 'The path is not percent-encoded as it should be.')
  }
}
