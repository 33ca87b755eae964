import { randomUUID } from 'node:crypto'
import type { NodeExchange, OutgoingFrame, Peer } from '@syncline/server'
import type { Chunk } from './chunk.ts'
import { createNodeSink } from './node-sink.ts'
import { type Sink, type SinkListener, STREAM_HEADERS } from './sink.ts'
import { createStreamSink } from './stream-sink.ts'

/** One client of the gateway. */
export interface SsePeer extends Peer {
  write(chunk: Chunk): void
}

/** A peer whose stream is open, and what its request is answered with. */
export interface OpenedPeer {
  readonly peer: SsePeer
  readonly response: Response
  readonly address: string | undefined
  /** Who is told from now on; called once, before anything is written. */
  listen(listener: SinkListener): void
}

/** Opens the stream: on Node's own response where there is one, else as a web stream. */
export const openPeer = (
  node: NodeExchange | undefined,
  encode: (frame: OutgoingFrame) => Chunk,
): OpenedPeer => {
  let listener: SinkListener | undefined
  const relay: SinkListener = {
    onDrained: () => listener?.onDrained(),
    onClosed: () => listener?.onClosed(),
  }
  const listen = (listening: SinkListener) => {
    listener = listening
  }
  if (node) {
    const sink = createNodeSink(node.request, node.response, relay)
    const address = node.request.socket.remoteAddress
    return { peer: createPeer(sink, encode), response: node.takeOver(), address, listen }
  }
  const { sink, body } = createStreamSink(relay)
  return {
    peer: createPeer(sink, encode),
    response: new Response(body, { headers: STREAM_HEADERS }),
    address: undefined,
    listen,
  }
}

const createPeer = (sink: Sink, encode: (frame: OutgoingFrame) => Chunk): SsePeer => ({
  id: randomUUID(),
  get busy() {
    return sink.busy
  },
  get bufferedBytes() {
    return sink.bufferedBytes
  },
  write: sink.write,
  send: (frame) => sink.write(encode(frame)),
  close: sink.close,
})
