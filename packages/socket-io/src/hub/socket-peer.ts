import type { OutgoingFrame, Peer } from '@syncline/server'
import type { Socket } from 'socket.io'
import { directSocketOf, holdsBack } from './direct-socket.ts'
import type { EncodedPacket } from './encode-packet.ts'

/** One client of the gateway's namespace. */
export interface SocketPeer extends Peer {
  write(packet: EncodedPacket): void
}

/**
 * A peer over one Socket.IO socket. A packet is written to the network socket where that is possible, else to
 * the Engine.IO connection (`socket.conn.write`) as Socket.IO's own broadcast does. The callback of the write
 * says that the network has taken it.
 */
export const createSocketPeer = (
  socket: Socket,
  encode: (frame: OutgoingFrame) => EncodedPacket,
  onDrained: () => void,
): SocketPeer => {
  const { conn } = socket
  let direct = directSocketOf(conn)
  /** Writes on their way to the network socket. */
  let writing = 0
  /** The sizes of those that went to Engine.IO. */
  const held: number[] = []

  const onWritten = () => {
    if (--writing === 0 && held.length === 0) onDrained()
  }
  const onSent = () => {
    if (held.shift() !== undefined && held.length === 0 && writing === 0) onDrained()
  }
  // An upgrade abandons the old transport together with word of its last write.
  conn.on('upgrade', () => {
    direct = directSocketOf(conn)
    while (held.length > 0) onSent()
  })
  const hold = ({ parts, options, bytes }: EncodedPacket) => {
    const last = parts.length - 1
    held.push(bytes)
    for (let index = 0; index < last; index++) conn.write(parts[index] as string, options)
    conn.write(parts[last] as string, options, onSent)
  }

  const peer: SocketPeer = {
    id: socket.id,
    get busy() {
      return writing > 0 || held.length > 0
    },
    get bufferedBytes() {
      let bytes = direct?.writableLength ?? 0
      for (const size of held) bytes += size
      return bytes
    },
    send: (frame) => peer.write(encode(frame)),
    write: (packet) => {
      if (conn.readyState !== 'open') return
      const frame = packet.options.wsPreEncodedFrame
      if (frame && direct?.writable && !holdsBack(conn)) {
        writing++
        direct.write(frame[0], onWritten)
      } else hold(packet)
    },
    close: () => void socket.disconnect(true),
  }
  return peer
}
