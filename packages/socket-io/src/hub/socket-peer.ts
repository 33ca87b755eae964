import type { Peer } from '@syncline/server'
import type { Socket } from 'socket.io'
import type { EncodedPacket } from './encode-packet.ts'

/** One client of the gateway's namespace. */
export interface SocketPeer extends Peer {
  write(packet: EncodedPacket): void
}

/**
 * A peer over one Socket.IO socket. Packets go straight to its Engine.IO connection (`socket.conn.write`), as
 * Socket.IO's own broadcast does; the callback of the write says that the network has taken it.
 */
export const createSocketPeer = (
  socket: Socket,
  send: (peer: SocketPeer, ...frame: Parameters<Peer['send']>) => void,
  onDrained: () => void,
): SocketPeer => {
  const { conn } = socket
  const sizes: number[] = []
  let buffered = 0

  const onSent = () => {
    if (sizes.length === 0) return
    buffered -= sizes.shift() as number
    if (sizes.length === 0) onDrained()
  }
  // An upgrade abandons the old transport together with word of its last write.
  conn.on('upgrade', () => {
    while (sizes.length > 0) onSent()
  })

  const peer: SocketPeer = {
    id: socket.id,
    get busy() {
      return sizes.length > 0
    },
    get bufferedBytes() {
      return buffered
    },
    send: (frame) => send(peer, frame),
    write: ({ parts, options, bytes }) => {
      if (conn.readyState !== 'open') return
      sizes.push(bytes)
      buffered += bytes
      const last = parts.length - 1
      for (let index = 0; index < last; index++) conn.write(parts[index] as string, options)
      conn.write(parts[last] as string, options, onSent)
    },
    close: () => void socket.disconnect(true),
  }
  return peer
}
