import { type ErrorCode, SynclineError, toWireError } from '@syncline/core'
import {
  type Gateway,
  type GatewayHandler,
  type GatewayHub,
  type OutgoingFrame,
  readUplinkBody,
  type UplinkBody,
} from '@syncline/server'
import { createChunk, frameEvent } from './chunk.ts'
import type { Link } from './link.ts'
import { createLinks } from './links.ts'

/**
 * Serves hub clients over Server-Sent Events on the hub's own handler: `POST sse` opens a stream, `POST sse/send`
 * takes what its client sends. A stream has a secret session id; sending needs that id and the token that the
 * stream was opened with, or the one that it has been given since.
 *
 * @example
 * const hub = createHub({ gateways: [sseGateway()], … })
 * http.createServer(toNodeHandler(hub.handler))
 */
export const sseGateway = (): Gateway => {
  let hub: GatewayHub | undefined
  const encode = (frame: OutgoingFrame) => frame.encoded(gateway, () => createChunk(frameEvent(frame)))
  const links = createLinks(encode)

  const handle: GatewayHandler = async (request, node) => {
    if (!hub) throw new SynclineError('hub-closing')
    if (request.method !== 'POST') return refuse(405, 'malformed-frame', 'The SSE gateway takes POST.')
    const body = await readUplinkBody(request, hub.limits.frameBytes)
    if (new URL(request.url).pathname.endsWith('/send')) return receive(body)
    return links.open(body, hub, node)
  }
  const receive = (body: UplinkBody): Response => {
    const link = links.find(body.value.session)
    if (!link) return refuse(404, 'transport-failed', 'There is no such session.')
    if (!link.admits(body.token)) throw new SynclineError('unauthenticated')
    link.receive(body)
    return new Response(null, { status: 204 })
  }

  const gateway: Gateway = {
    name: 'sse',
    routes: { sse: handle },
    start: (started) => {
      hub = started
    },
    deliver: (peers, frame) => {
      const chunk = encode(frame)
      for (let index = 0; index < peers.length; index++) (peers[index] as Link).write(chunk)
    },
    stop: () => {
      hub = undefined
      return Promise.resolve()
    },
  }
  return gateway
}

const refuse = (status: number, code: ErrorCode, detail: string): Response =>
  Response.json(
    { error: toWireError(new SynclineError(code, { detail })) },
    { status, headers: { 'cache-control': 'no-store' } },
  )
