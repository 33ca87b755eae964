import type { Environment } from '../environment/environment.ts'
import type { ErrorCode } from '../errors/error-catalog.ts'
import { SynclineError, type WireError } from '../errors/syncline-error.ts'

/** What a status says where the body does not. */
const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthenticated',
  413: 'too-large',
  429: 'rate-limited',
}

/** As errors may show it: no query, no name, no password. */
const placeOf = (url: string): string => url.replace(/[?#].*/s, '').replace(/\/\/[^/]*@/, '//')

const failure = (url: string, cause: unknown): SynclineError => {
  // `TypeError: fetch failed` says neither where nor why: its cause does.
  const { code, message } = ((cause as Error).cause ?? cause) as { readonly code?: string; message: string }
  return new SynclineError(code === 'ERR_INVALID_URL' ? 'invalid-url' : 'transport-failed', {
    detail: `${placeOf(url)} could not be reached: ${code ?? message}.`,
    cause,
  })
}

/** What an answer without success stands for: what its body says, else what its status says. */
const refusal = (url: string, { status, headers }: Response, body: unknown): SynclineError => {
  const error = (body as { readonly error?: WireError } | undefined)?.error
  const seconds = Number(headers.get('retry-after') || Number.NaN)
  return new SynclineError((error?.code as ErrorCode) ?? codes[status] ?? 'transport-failed', {
    detail: `HTTP ${status} from ${placeOf(url)}.`,
    ...(seconds >= 0 && { retryAfter: seconds * 1_000 }),
    ...error,
  })
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return // No body of ours: the status decides.
  }
}

/** POSTs and reads JSON; undefined where the answer is none. @throws SynclineError what was answered, or why nothing */
export const post = async (fetch: Environment['fetch'], url: string, init: RequestInit): Promise<unknown> => {
  let response: Response
  let body: unknown
  try {
    response = await fetch(url, { ...init, method: 'POST', cache: 'no-store' })
    body = parsed(await response.text())
  } catch (cause) {
    throw failure(url, cause)
  }
  if (!response.ok) throw refusal(url, response, body)
  return body
}
