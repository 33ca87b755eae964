import {
  type Environment,
  type ErrorCode,
  SynclineError,
  toSynclineError,
  type WireError,
} from '@syncline/core'
import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** Characters of an event that is still incomplete, at most; a longer one ends the stream with `too-large`. */
const EVENT_BOUND = 2 ** 24

/** What a status says where the body does not. */
const CODES: Record<number, ErrorCode> = { 401: 'unauthenticated', 413: 'too-large', 429: 'rate-limited' }

/**
 * `fetch`, and where and why it failed: `TypeError: fetch failed` says neither.
 *
 * @throws SynclineError `transport-failed`; `invalid-url` for a URL that no base makes whole
 */
export const request = async (
  fetch: Environment['fetch'],
  url: string,
  init: RequestInit,
): Promise<Response> => {
  try {
    return await fetch(url, init)
  } catch (cause) {
    const { code, message } = reasonOf(cause)
    const detail = `${placeOf(url)} could not be reached: ${code ?? message}.`
    throw new SynclineError(code === 'ERR_INVALID_URL' ? 'invalid-url' : 'transport-failed', {
      detail,
      cause,
    })
  }
}

const reasonOf = (thrown: unknown): { readonly code?: string; readonly message?: string } => {
  const { cause } = thrown as Error
  return (cause instanceof Error ? cause : thrown) as Error
}

/** As errors may show it: no query, no name, no password. */
const placeOf = (url: string): string => url.replace(/[?#].*/s, '').replace(/\/\/[^/]*@/, '//')

export interface StreamListener {
  onOpen?: () => void
  onEvent: (event: EventSourceMessage) => void
  onId?: (id: string) => void
  onRetry: (milliseconds: number) => void
  /** The events of one delivery of the network have been told. */
  onPause?: () => void
}

/**
 * Reads a `text/event-stream` as it comes (WHATWG HTML, 9.2). Never resolves: it rejects with a
 * `SynclineError` that says why the stream ended.
 *
 * @param decoder what is made of bytes that are not UTF-8: by the standard U+FFFD; a `fatal` one ends the stream
 */
export const readEvents = async (
  response: Response,
  listener: StreamListener,
  decoder = new TextDecoder(),
): Promise<never> => {
  if (!response.ok) throw await refusal(response)
  if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream'))
    throw new SynclineError('transport-failed', { detail: 'No event stream.' })
  const reader = response.body.getReader()
  let broken: unknown
  const parser = createParser({
    ...listener,
    maxBufferSize: EVENT_BOUND,
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') broken = error
    },
  })
  listener.onOpen?.()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) throw new SynclineError('transport-failed', { detail: 'The stream ended.' })
    parser.feed(decoder.decode(value, { stream: true }))
    listener.onPause?.()
    if (broken) throw new SynclineError('too-large', { cause: broken })
  }
}

/** The error that an answer without success stands for: what its body says, else what its status says. */
export const refusal = async (response: Response): Promise<SynclineError> => {
  const text = await response.text()
  const error = errorIn(text)
  const seconds = Number(response.headers.get('retry-after') || NaN)
  return new SynclineError((error?.code as ErrorCode) ?? CODES[response.status] ?? 'transport-failed', {
    detail: `HTTP ${response.status} from ${placeOf(response.url)}.`,
    ...(seconds >= 0 && { retryAfter: seconds * 1000 }),
    ...error,
  })
}

const errorIn = (text: string): WireError | undefined => {
  try {
    const { error, frames } = JSON.parse(text)
    return error ?? frames[0].error
  } catch {
    return // No body of ours: the status decides.
  }
}

/** What ended an attempt, with the wait that the server asked for by `retry:` unless the error has its own. */
export const ended = (cause: unknown, retryAfter: number | undefined): SynclineError => {
  const error = toSynclineError(cause, 'transport-failed')
  const { code, cause: reason, retryAfter: asked = retryAfter } = error
  return new SynclineError(code, { ...error, cause: reason, retryAfter: asked })
}
