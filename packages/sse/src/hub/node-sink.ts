import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Chunk } from './chunk.ts'
import { type Sink, type SinkListener, STREAM_HEADERS } from './sink.ts'

/** Milliseconds that a client has to take what is left after `close`, before it is cut. */
const CLOSE_TIMEOUT = 10_000

const LAST_ON_CONNECTION = { ...STREAM_HEADERS, connection: 'close' }

function destroy(this: ServerResponse): void {
  this.destroy()
}

/** A stream on Node's own response. One object and few closures, as thousands of them stay open. */
export class NodeSink implements Sink {
  busy = false
  #open = true
  readonly #response: ServerResponse
  /** Where chunks go that are framed already; undefined: events go to the response. */
  readonly #socket: Socket | undefined
  readonly #listener: SinkListener

  constructor(request: IncomingMessage, response: ServerResponse, listener: SinkListener) {
    this.#response = response
    this.#listener = listener
    const http1 = request.httpVersionMajor === 1
    if (http1) request.socket.setNoDelay(true)
    response.writeHead(200, http1 ? LAST_ON_CONNECTION : STREAM_HEADERS)
    response.flushHeaders()
    this.#socket = http1 ? directSocketOf(response) : undefined
    response.on('error', destroy)
    response.on('close', () => {
      this.#open = false
      this.#listener.closed()
    })
  }

  get bufferedBytes(): number {
    return (this.#socket ?? this.#response).writableLength
  }

  get address(): string | undefined {
    return this.#response.socket?.remoteAddress
  }

  write({ framed, event }: Chunk): void {
    if (!this.#open) return
    const taken = this.#socket ? this.#socket.write(framed) : this.#response.write(event)
    if (!taken && !this.busy) this.#wait()
  }

  /** Listens only now, as most streams are never busy and a listener more takes a quarter of a kilobyte. */
  #wait(): void {
    this.busy = true
    const out = this.#socket ?? this.#response
    out.once('drain', () => {
      this.busy = false
      if (this.#open) this.#listener.drained()
    })
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    const response = this.#response
    response.end()
    response.setTimeout(CLOSE_TIMEOUT, () => response.destroy())
  }
}

/**
 * The socket on which framed chunks go past the response: one buffer and one write each, and no callback. Not where
 * there is no chunked coding (HTTP/2, HTTP/1.0), or where somebody stands in between.
 */
const directSocketOf = (response: ServerResponse): Socket | undefined =>
  response.chunkedEncoding &&
  !Object.hasOwn(response, 'write') &&
  !response.hasHeader('content-encoding') &&
  response.socket
    ? response.socket
    : undefined
