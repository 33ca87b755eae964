import type { ErrorCode } from '../errors/error-catalog.ts'
import { fromWireError, SynclineError, type WireError } from '../errors/syncline-error.ts'

/** What a status says where the body does not. */
const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthenticated',
  413: 'too-large',
  429: 'rate-limited',
}

/** As errors may show it: no query, no name, no password. */
const placeOf = (url: string): string => url.replace(/[?#].*/s, '').replace(/\/\/[^/]*@/, '//')

/**
 * What `fetch` threw: `invalid-url` for a URL that no base makes whole, else `transport-failed`, with the place and
 * the reason.
 */
export const unreached = (url: string, thrown: unknown): SynclineError => {
  // `TypeError: fetch failed` says neither where nor why: its cause does.
  const { code, message } = ((thrown as Error).cause ?? thrown) as { readonly code?: string; message: string }
  return new SynclineError(code === 'ERR_INVALID_URL' ? 'invalid-url' : 'transport-failed', {
    detail: `${placeOf(url)} could not be reached: ${code ?? message}.`,
    cause: thrown,
  })
}

/** Whether it is an error of ours: a proxy may put one of its own in the same place, with a number for a code. */
export const isOurs = (error: Partial<WireError> | null | undefined): error is WireError =>
  typeof error?.code === 'string' && (error.retryAfter ?? 0) >= 0

/**
 * What an answer without success stands for: the `error` that its body brought, else what its status says. Carries the
 * wait that `retry-after` asks for.
 */
export const refused = (
  url: string,
  { status, headers }: Response,
  error: WireError | undefined,
): SynclineError => {
  if (isOurs(error)) return fromWireError(error)
  const seconds = Number(headers.get('retry-after') || Number.NaN)
  return new SynclineError(codes[status] ?? 'transport-failed', {
    detail: `HTTP ${status} from ${placeOf(url)}.`,
    ...(seconds >= 0 && { retryAfter: seconds * 1_000 }),
  })
}
