import { type SynclineError, toWireError } from '@syncline/core'

/** The HTTP status of an error by its code; 500 for all others. */
const statuses: Readonly<Record<string, number>> = {
  'malformed-frame': 400,
  'schema-violation': 400,
  'protocol-version': 400,
  'invalid-channel': 400,
  unauthenticated: 401,
  'token-expired': 401,
  forbidden: 403,
  revoked: 403,
  'identity-mismatch': 403,
  'unknown-channel': 404,
  'too-large': 413,
  'rate-limited': 429,
  'too-many-writes': 429,
  'hub-closing': 503,
  'store-unavailable': 503,
  'too-many-connections': 503,
  'try-later': 503,
}

/** What the uplink answers beside a gateway's own: never cached. */
export const jsonResponse = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  })

/** A refusal by the uplink itself. */
export const refusal = (
  status: number,
  code: string,
  detail: string,
  headers?: Record<string, string>,
): Response => jsonResponse(status, { error: { code, detail } }, headers)

/** A {@link SynclineError} as a response: `{ error: { code, detail, … } }`, with `Retry-After` in seconds. */
export const errorResponse = (error: SynclineError): Response =>
  jsonResponse(
    statuses[error.code] ?? 500,
    { error: toWireError(error) },
    error.retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(error.retryAfter / 1_000)) },
  )
