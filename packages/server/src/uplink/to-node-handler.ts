import type { IncomingMessage, ServerResponse } from 'node:http'
import type { NodeExchange } from '../gateway/gateway.ts'
import { refusal } from './json-response.ts'
import { rememberNodeExchange } from './node-exchanges.ts'
import { toWebRequest } from './to-web-request.ts'
import { writeWebResponse } from './write-web-response.ts'

/** For `http.createServer`, and as a middleware of Express and its like, whose `next` gets what is thrown. */
export type NodeHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error: unknown) => void,
) => void

/** What a handler returns that has answered on Node's response itself. */
const takenOver = new WeakSet<Response>()

const createExchange = (request: IncomingMessage, response: ServerResponse): NodeExchange => ({
  request,
  response,
  takeOver: () => {
    const marker = new Response(null)
    takenOver.add(marker)
    return marker
  },
})

/** Aborts when the client goes before the answer is complete, until it is released. */
const abortOnClose = (response: ServerResponse): { readonly signal: AbortSignal; release(): void } => {
  const controller = new AbortController()
  const onClose = () => {
    if (!response.writableFinished) controller.abort()
  }
  response.once('close', onClose)
  return { signal: controller.signal, release: () => void response.off('close', onClose) }
}

/**
 * Serves a web-standard handler with `node:http` (or `https`, or `http2`'s compatibility API). Bodies stream
 * both ways with backpressure and headers leave at once, so that event streams work. When the client goes,
 * `request.signal` aborts and the response's stream is cancelled. A handler that throws is answered with 500
 * (Express: `next(error)`); the hub's own never does.
 *
 * @example
 * http.createServer(toNodeHandler(hub.handler)).listen(3001)
 */
export const toNodeHandler =
  (handler: (request: Request) => Promise<Response> | Response): NodeHandler =>
  (incoming, outgoing, next) => {
    const answer = async (): Promise<void> => {
      const gone = abortOnClose(outgoing)
      const request = toWebRequest(incoming, gone.signal)
      if (!request)
        return writeWebResponse(refusal(400, 'malformed-frame', 'The URL is not valid.'), incoming, outgoing)
      rememberNodeExchange(request, createExchange(incoming, outgoing))
      const response = await handler(request)
      // Who took the response over watches it: a stream may stay open for days, the request need not.
      if (takenOver.has(response)) gone.release()
      else await writeWebResponse(response, incoming, outgoing)
    }
    answer().catch((error: unknown) => {
      if (next) next(error)
      else if (outgoing.headersSent) outgoing.destroy()
      else outgoing.writeHead(500).end()
    })
  }
