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

  // Chunks that are framed already go past the response to its socket: one buffer and one write each, and no
  // callback. Not where there is no chunked coding (HTTP/2, HTTP/1.0), or where somebody stands in between.
  const direct =
    http1 &&
    response.chunkedEncoding &&
    !Object.hasOwn(response, 'write') &&
    !response.hasHeader('content-encoding')
      ? response.socket
      : null
  const out = direct ?? response
  let open = true
  let busy = false
  const onDrain = () => {
    if (!busy) return
    busy = false
    onDrained()
  }
  const onClose = () => {
    open = false
    out.off('drain', onDrain)
    onClosed()
  }
  out.on('drain', onDrain)
  response.on('error', () => response.destroy())
  response.on('close', onClose)

  return {
    get busy() {
      return busy
    },
    get bufferedBytes() {
      return out.writableLength
    },
    write: (chunk) => {
      if (open && !out.write(direct ? chunk.framed : chunk.event)) busy = true
    },
    close: () => {
      if (!open) return
      open = false
      response.end()
      response.setTimeout(CLOSE_TIMEOUT, () => response.destroy())
    },
  }
}
