import type { ErrorCode } from '../errors/error-catalog.ts'
import { fromWireError, SynclineError } from '../errors/syncline-error.ts'
import { isError } from '../protocol/decode-hub-frame.ts'

/** What a status says where the body does not. */
const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthenticated',
  413: 'too-large',
  429: 'rate-limited',
}

/** As errors may show it: no query, no name, no password. */
const placeOf = (url: string): string => url.replace(/[?#].*/s, '').replace(/\/\/[^/]*@/, '//')

/** `localhost:3001/…` is one too: `localhost:` reads as its scheme. */
const otherScheme = /^(?!https?:)[^/?#]+:/i

/**
 * What `fetch` threw: `invalid-url` for a URL that no base makes whole, or that is not HTTP's, else
 * `transport-failed`, with the place and the reason.
 */
export const unreached = (url: string, thrown: unknown): SynclineError => {
  // `TypeError: fetch failed` says neither where nor why: its cause does.
  const { code, message } = ((thrown as Error).cause ?? thrown) as { readonly code?: string; message: string }
  const isWrong = code === 'ERR_INVALID_URL' || otherScheme.test(url)
  return new SynclineError(isWrong ? 'invalid-url' : 'transport-failed', {
    detail: `${placeOf(url)} could not be reached: ${code ?? message}.`,
    cause: thrown,
  })
}

/**
 * What an answer without success stands for: the `error` that its body brought, else what its status says. Carries the
 * wait that `retry-after` asks for.
 */
export const refused = (url: string, { status, headers }: Response, error: unknown): SynclineError => {
  // A proxy may put one of its own in the same place, with a number for a code.
  if (isError(error)) return fromWireError(error)
  const seconds = Number(headers.get('retry-after') || Number.NaN)
  return new SynclineError(codes[status] ?? 'transport-failed', {
    detail: `HTTP ${status} from ${placeOf(url)}.`,
    ...(seconds >= 0 && { retryAfter: seconds * 1_000 }),
  })
}
