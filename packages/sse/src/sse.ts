import type { Environment, Opening, Transport, TransportEvent, TransportSession } from '@syncline/core'
import { Observable } from 'rxjs'
import { ended, readEvents, request, type StreamListener } from './event-stream.ts'
import { parse } from './parse.ts'
import { createSender } from './sender.ts'

/** Options of {@link sse}. */
export interface SseOptions {
  /** Whether cookies go along. Default `same-origin`, as with `fetch`. */
  readonly credentials?: RequestCredentials
  /** More headers for every request; a function is asked before each. Default: none. */
  readonly headers?: Record<string, string> | (() => Record<string, string>)
}

/**
 * The transport to a hub over Server-Sent Events: one stream for all channels, and a POST for what goes up. The
 * token travels in the `Authorization` header. Attempts error with `transport-failed`, with what the hub or a
 * proxy answered (`unauthenticated`, `rate-limited`, `too-large`, …), and carry the wait that was asked for.
 *
 * @param url where the hub's handler is served; the stream is at `{url}/sse`. Absolute outside of browsers: else the
 *   client is `failed` with `invalid-url`
 * @example
 * createClient({ transport: sse('http://localhost:3001/syncline') })
 */
export const sse = (url: string, options: SseOptions = {}): Transport => ({
  kind: 'hub',
  name: 'sse',
  open: (environment) => createSession(`${url.replace(/\/$/, '')}/sse`, options, environment),
})

const createSession = (
  url: string,
  { credentials, headers }: SseOptions,
  { fetch, setTimer }: Environment,
): TransportSession => {
  let retry: number | undefined
  const attempt = ({ token, frames }: Opening) =>
    new Observable<TransportEvent>((subscriber) => {
      const hangUp = new AbortController()
      const fail = (cause: unknown) => subscriber.error(ended(cause, retry))
      const post = (path: string, body: string, bearer: string | undefined, more?: Record<string, string>) =>
        request(fetch, url + path, {
          method: 'POST',
          body,
          cache: 'no-store',
          signal: hangUp.signal,
          ...(credentials && { credentials }),
          headers: {
            ...(typeof headers === 'function' ? headers() : headers),
            'content-type': 'application/json',
            ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
            ...more,
          },
        })
      let received: unknown[] | undefined
      const run = async () => {
        const response = await post('', JSON.stringify({ frames }), token, { accept: 'text/event-stream' })
        const listener: StreamListener = {
          onRetry: (milliseconds) => {
            retry = milliseconds
          },
          onEvent: ({ event, data }) => {
            if (event === 'session')
              subscriber.next({
                type: 'open',
                continuity: 'unknown',
                send: createSender(post, data, token, fail, setTimer),
              })
            // What is no JSON goes on as text: core reports it as malformed.
            else if (received) received.push(parse(data))
            else received = [parse(data)]
          },
          onPause: () => {
            if (!received) return
            const frames = received
            received = undefined
            subscriber.next({ type: 'frames', frames })
          },
        }
        // A hub sends UTF-8: what was damaged on its way is not taken with other letters in it.
        await readEvents(response, listener, new TextDecoder('utf-8', { fatal: true }))
      }
      run().catch(fail)
      return () => hangUp.abort()
    })
  return { attempt, dispose: () => {} }
}
