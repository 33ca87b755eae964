import type { Environment } from '@syncline/core'
import {
  type PlainLink,
  type PlainRoute,
  type PlainTransport,
  type PlainTransportEvent,
  type PlainTransportSession,
  plainTransport,
  routed,
} from '@syncline/core/plain'
import { Observable } from 'rxjs'
import { ended, readEvents, request } from '../event-stream.ts'
import { parse } from '../parse.ts'

/** Options of {@link plainSse}. */
export interface PlainSseOptions {
  /** The named events to take; others are left out. Default: all, an event without a name as `message`. */
  readonly events?: readonly string[]
  /**
   * The channel that an event belongs to. Where it throws the event is left out, and told in `errors$` as
   * `malformed-frame`. Default: none, and every channel hears every event.
   */
  readonly route?: PlainRoute
  /** Whether cookies go along. Default `same-origin`, as with `fetch`. */
  readonly credentials?: RequestCredentials
  /** More headers; a function is asked before each attempt. Default: none. */
  readonly headers?: Record<string, string> | (() => Record<string, string>)
}

/**
 * The transport to a `text/event-stream` endpoint that knows nothing of Syncline. Data that is JSON comes out
 * parsed, other data as text. After a cut it asks with `Last-Event-ID` for what came after the last event that
 * had an id; whether the server then has it is the server's promise. A token goes into the `Authorization`
 * header. There is no way to send.
 *
 * @example
 * createClient({ transport: plainSse('https://example.com/events', { route: () => 'todos' }) })
 */
export const plainSse = (url: string, options: PlainSseOptions = {}): PlainTransport<false> =>
  plainTransport({
    name: 'sse',
    canSend: false,
    open: (environment) => createSession(url, options, environment),
  })

const link: PlainLink = {}

/** Its bytes in UTF-8 (WHATWG HTML, 9.2.3), a character for each, as `fetch` takes them; undefined with controls in it. */
const asHeader = (id: string): string | undefined => {
  const bytes = Array.from(new TextEncoder().encode(id))
  const isSent = (byte: number) => byte === 0x09 || (byte >= 0x20 && byte !== 0x7f)
  return bytes.every(isSent) ? bytes.map((byte) => String.fromCharCode(byte)).join('') : undefined
}

const createSession = (
  url: string,
  { events, route, credentials, headers }: PlainSseOptions,
  { fetch }: Environment,
): PlainTransportSession => {
  let retry: number | undefined
  let lastId = ''
  let connectedBefore = false
  return {
    attempt: ({ token }) =>
      new Observable<PlainTransportEvent>((subscriber) => {
        const hangUp = new AbortController()
        const after = asHeader(lastId)
        const run = async () => {
          const response = await request(fetch, url, {
            cache: 'no-store',
            signal: hangUp.signal,
            ...(credentials && { credentials }),
            headers: {
              ...(typeof headers === 'function' ? headers() : headers),
              accept: 'text/event-stream',
              ...(token !== undefined && { authorization: `Bearer ${token}` }),
              ...(after && { 'last-event-id': after }),
            },
          })
          await readEvents(response, {
            onOpen: () => {
              const continuity = connectedBefore && !after ? 'lost' : 'unknown'
              connectedBefore = true
              subscriber.next({ type: 'open', continuity, link })
            },
            onRetry: (milliseconds) => {
              retry = milliseconds
            },
            onEvent: ({ id, event = 'message', data: text }) => {
              if (id !== undefined) lastId = id
              if (events && !events.includes(event)) return
              subscriber.next(routed(route, event, parse(text)))
            },
          })
        }
        run().catch((cause) => subscriber.error(ended(cause, retry)))
        return () => hangUp.abort()
      }),
    dispose: () => {},
  }
}
