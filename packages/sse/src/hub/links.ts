import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import type { GatewayHub, GatewaySession } from '@syncline/server'
import { createChunk } from './chunk.ts'
import type { OpenedPeer } from './peer.ts'
import type { Delivery } from './read-delivery.ts'

/** One open stream as those who send for it see it. */
export interface Link {
  /** Whether this token, or the lack of one, is the stream's own. */
  admits(token: string | undefined): boolean
  receive(delivery: Delivery): void
}

/** The open streams by their secret session ids. */
export interface Links {
  open(opening: Delivery, peer: OpenedPeer, hub: GatewayHub): Response
  find(id: unknown): Link | undefined
}

/** A comment that fills what browsers and proxies hold back before they hand on the first byte. */
const PADDING = `:${' '.repeat(2048)}\n\n`

export const createLinks = (): Links => {
  const links = new Map<string, Link>()
  return {
    open: (opening, { peer, response, address, listen }, hub) => {
      const id = randomUUID()
      let session: GatewaySession | undefined
      let closed = false
      listen({
        onDrained: () => session?.drained(),
        onClosed: () => {
          closed = true
          links.delete(id)
          session?.closed()
        },
      })
      peer.write(createChunk(`${PADDING}event: session\ndata: ${id}\n\n`))
      const { token, frames, bytes } = opening
      session = hub.connect(peer, { token, frames, bytes, address })
      if (closed) session.closed()
      else links.set(id, createLink(session, token))
      return response
    },
    find: (id) => (typeof id === 'string' ? links.get(id) : undefined),
  }
}

const createLink = (session: GatewaySession, token: string | undefined): Link => {
  let own = digest(token)
  return {
    admits: (other) => timingSafeEqual(own, digest(other)),
    receive: ({ frames, bytes }) => {
      const newToken = Array.isArray(frames) ? frames.findLast(isAuth)?.token : undefined
      if (newToken !== undefined) own = digest(newToken)
      session.receive(frames, bytes)
    },
  }
}

const isAuth = (frame: unknown): frame is { token: string } =>
  typeof frame === 'object' &&
  frame !== null &&
  'type' in frame &&
  frame.type === 'auth' &&
  'token' in frame &&
  typeof frame.token === 'string'

/** Tokens are kept and compared as digests; none and an empty one are different. */
const digest = (token: string | undefined): Uint8Array =>
  createHash('sha256')
    .update(token === undefined ? '' : `.${token}`)
    .digest()
