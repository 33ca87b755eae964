import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Sink, type SinkListener, STREAM_HEADERS } from './sink.ts'

/** Milliseconds that a client has to take what is left after `close`, before it is cut. */
const CLOSE_TIMEOUT = 10_000

/** A stream on Node's own response. */
export const createNodeSink = (
  request: IncomingMessage,
  response: ServerResponse,
  { onDrained, onClosed }: SinkListener,
): Sink => {
  const http1 = request.httpVersionMajor === 1
  if (http1) {
    request.socket.setNoDelay(true)
    response.setHeader('connection', 'close')
  }
  response.writeHead(200, STREAM_HEADERS)
  response.flushHeaders()
  response.on('error', () => response.destroy())
  response.on('close', onClosed)

  // Chunks that are framed already go past the response to its socket: one buffer and one write each. Not where
  // there is no chunked coding (HTTP/2, HTTP/1.0) or where somebody stands in between, such as a compression.
  const direct =
    http1 &&
    response.chunkedEncoding &&
    !Object.hasOwn(response, 'write') &&
    !response.hasHeader('content-encoding')
      ? response.socket
      : null
  let writing = 0
  const onSent = () => {
    if (--writing === 0) onDrained()
  }
  return {
    get busy() {
      return writing > 0
    },
    get bufferedBytes() {
      return direct ? direct.writableLength : response.writableLength
    },
    write: ({ framed, event }) => {
      if (response.writableEnded || response.destroyed) return
      writing++
      if (direct) direct.write(framed, onSent)
      else response.write(event, onSent)
    },
    close: () => {
      if (response.writableEnded) return
      response.end()
      response.setTimeout(CLOSE_TIMEOUT, () => response.destroy())
    },
  }
}
