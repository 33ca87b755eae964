import { randomBytes } from 'node:crypto'
import type { GatewayHub, NodeExchange, OutgoingFrame, UplinkBody } from '@syncline/server'
import { type Chunk, createChunk } from './chunk.ts'
import { Link } from './link.ts'
import { NodeSink } from './node-sink.ts'
import { STREAM_HEADERS } from './sink.ts'
import { createStreamSink } from './stream-sink.ts'

/** The open streams by their secret session ids. */
export interface Links {
  /** Opens a stream: on Node's own response where there is one, else as a web stream. */
  open(opening: UplinkBody, hub: GatewayHub, node: NodeExchange | undefined): Response
  find(id: unknown): Link | undefined
}

/** A comment that fills what browsers and proxies hold back before they hand on the first byte. */
const PADDING = `:${' '.repeat(2048)}\n\n`

/** 144 bits. Not a UUID: Node makes those of twenty pieces, which stay in memory as such. */
const secret = (): string => randomBytes(18).toString('hex')

export const createLinks = (encode: (frame: OutgoingFrame) => Chunk): Links => {
  const links = new Map<string, Link>()
  let opened = 0

  const start = (id: string, link: Link, opening: UplinkBody, hub: GatewayHub): void => {
    links.set(id, link)
    link.write(createChunk(`${PADDING}event: session\ndata: ${id}\n\n`))
    link.start(hub, opening)
  }

  return {
    open: (opening, hub, node) => {
      const id = secret()
      const link = new Link(`sse-${++opened}`, links, id, encode, opening.token)
      if (node) {
        link.sink = new NodeSink(node.request, node.response, link)
        start(id, link, opening, hub)
        return node.takeOver()
      }
      const { sink, body } = createStreamSink(link)
      link.sink = sink
      start(id, link, opening, hub)
      return new Response(body, { headers: STREAM_HEADERS })
    },
    find: (id) => (typeof id === 'string' ? links.get(id) : undefined),
  }
}
