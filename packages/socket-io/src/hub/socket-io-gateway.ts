import { Buffer } from 'node:buffer'
import { SynclineError, toWireError } from '@syncline/core'
import type { Gateway, GatewayHub, OutgoingFrame } from '@syncline/server'
import type { Server, Socket } from 'socket.io'
import { FRAMES_EVENT, HUB_NAMESPACE } from '../wire.ts'
import { createPacketEncoder, type EncodedPacket } from './encode-packet.ts'
import { SocketLink } from './socket-link.ts'

/** Options of {@link socketIoGateway}. */
export interface SocketIoGatewayOptions {
  /** The namespace in which hub clients connect, beside whatever else the server serves. Default `/syncline`. */
  readonly namespace?: string
}

/**
 * Serves hub clients on a Socket.IO server. It uses one namespace and leaves the rest of the server alone; the
 * server's `maxHttpBufferSize` (1 MB by default) bounds what a client can send in one packet, the opening
 * included, so keep it above the hub's `frameBytes`.
 *
 * @example
 * const io = new Server(3001)
 * createHub({ gateways: [socketIoGateway(io)], … })
 */
export const socketIoGateway = (io: Server, options: SocketIoGatewayOptions = {}): Gateway => {
  const { namespace = HUB_NAMESPACE } = options
  const encode = createPacketEncoder(io._parser, namespace)
  let hub: GatewayHub | undefined
  let listening = false

  const encoded = (frame: OutgoingFrame) => frame.encoded(gateway, encode)
  const onConnection = (socket: Socket) => {
    if (hub) serve(hub, socket, encoded)
    else turnAway(socket)
  }

  const gateway: Gateway = {
    name: 'socket.io',
    start: (started) => {
      hub = started
      if (!listening) io.of(namespace).on('connection', onConnection)
      listening = true
    },
    deliver: (peers, frame) => {
      const packet = encoded(frame)
      for (let index = 0; index < peers.length; index++) (peers[index] as SocketLink).write(packet)
    },
    stop: () => {
      hub = undefined
      return Promise.resolve()
    },
  }
  return gateway
}

const serve = (hub: GatewayHub, socket: Socket, encoded: (frame: OutgoingFrame) => EncodedPacket): void => {
  const link = new SocketLink(socket, encoded)
  const { token, frames }: { token?: unknown; frames?: unknown } = socket.handshake.auth
  const session = hub.connect(link, {
    token: typeof token === 'string' ? token : undefined,
    frames,
    bytes: sizeOf(frames),
  })
  link.start(session)
  // What it opened with is in the hub's hands; Socket.IO would keep it for as long as the socket lives.
  socket.handshake.auth.frames = undefined
}

/** The opening's size; one nested too deeply to be written down again is larger than any limit. */
const sizeOf = (frames: unknown): number => {
  try {
    return Buffer.byteLength(JSON.stringify(frames ?? null))
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** Between `stop` and the end of the server nobody is let in. */
const turnAway = (socket: Socket): void => {
  socket.on('error', () => socket.disconnect(true))
  socket.emit(FRAMES_EVENT, { type: 'bye', error: toWireError(new SynclineError('hub-closing')) })
  socket.disconnect(true)
}
