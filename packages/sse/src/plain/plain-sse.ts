import type { Environment } from '@syncline/core'
import {
  type PlainLink,
  type PlainTransport,
  type PlainTransportEvent,
  type PlainTransportSession,
  plainTransport,
} from '@syncline/core/plain'
import { Observable } from 'rxjs'
import { ended, readEvents, request } from '../event-stream.ts'
import { parse } from '../parse.ts'

/** Options of {@link plainSse}. */
export interface PlainSseOptions {
  /** The named events to take; others are left out. Default: all, an event without a name as `message`. */
  readonly events?: readonly string[]
  /** The channel that an event belongs to. Default: none, and every channel hears every event. */
  readonly route?: (event: string, data: unknown) => string | undefined
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
        const run = async () => {
          const response = await request(fetch, url, {
            cache: 'no-store',
            signal: hangUp.signal,
            ...(credentials && { credentials }),
            headers: {
              ...(typeof headers === 'function' ? headers() : headers),
              accept: 'text/event-stream',
              ...(token !== undefined && { authorization: `Bearer ${token}` }),
              ...(lastId && { 'last-event-id': lastId }),
            },
          })
          await readEvents(response, {
            onOpen: () => {
              const continuity = connectedBefore && !lastId ? 'lost' : 'unknown'
              connectedBefore = true
              subscriber.next({ type: 'open', continuity, link })
            },
            onRetry: (milliseconds) => {
              retry = milliseconds
            },
            onEvent: ({ id, event = 'message', data: text }) => {
              if (id !== undefined) lastId = id
              if (events && !events.includes(event)) return
              const data = parse(text)
              subscriber.next({ type: 'event', event: { channel: route?.(event, data), event, data } })
            },
          })
        }
        run().catch((cause) => subscriber.error(ended(cause, retry)))
        return () => hangUp.abort()
      }),
    dispose: () => {},
  }
}
