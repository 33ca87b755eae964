import { type Environment, SynclineError, toSynclineError } from '@syncline/core'
import { refused, unreached } from '@syncline/core/uplink'
import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** Characters of an event that is still incomplete, at most; a longer one ends the stream with `too-large`. */
const EVENT_BOUND = 2 ** 24

/** `fetch`, and where and why it failed. @throws SynclineError see {@link unreached} */
export const request = async (
  fetch: Environment['fetch'],
  url: string,
  init: RequestInit,
): Promise<Response> => {
  try {
    return await fetch(url, init)
  } catch (cause) {
    throw unreached(url, cause)
  }
}

export interface StreamListener {
  onOpen?: () => void
  onEvent: (event: EventSourceMessage) => void
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
  /** The delivery before ended with a CR, of which an LF that follows is the rest. */
  let endsWithCr = false
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
    if (done) throw new SynclineError('transport-failed', { detail: 'It hung up.' })
    const text = decoder.decode(value, { stream: true })
    const lines = endsWithCr && text[0] === '\n' ? text.slice(1) : text
    if (text) endsWithCr = text.endsWith('\r')
    // A CR alone ends a line at once: the parser would wait for what follows it. Hubs send none, and to look for one
    // is 50 times as fast as to replace none.
    parser.feed(lines.includes('\r') ? lines.replace(/\r\n?/g, '\n') : lines)
    listener.onPause?.()
    if (broken) throw new SynclineError('too-large', { cause: broken })
  }
}

/** The error that an answer without success stands for. */
export const refusal = async (response: Response): Promise<SynclineError> =>
  refused(response.url, response, errorIn(await response.text()))

const errorIn = (text: string): unknown => {
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
  // What is not set is not there: an error's own wait goes before the server's.
  return new SynclineError(error.code, Object.assign({ retryAfter, cause: error.cause }, error))
}
