import type { Socket as NetSocket } from 'node:net'
import type { OutgoingFrame, Peer } from '@syncline/server'
import type { Socket } from 'socket.io'
import { directSocketOf, holdsBack } from './direct-socket.ts'
import type { EncodedPacket } from './encode-packet.ts'

/** One client of the gateway's namespace. */
export interface SocketPeer extends Peer {
  write(packet: EncodedPacket): void
}

/**
 * A peer over one Socket.IO socket. A packet is written to the network socket where that is possible, and is on
 * its way until Node says `drain`; else to the Engine.IO connection (`socket.conn.write`) as Socket.IO's own
 * broadcast does, and is on its way until the callback of the write.
 */
export const createSocketPeer = (
  socket: Socket,
  encode: (frame: OutgoingFrame) => EncodedPacket,
  onDrained: () => void,
): SocketPeer => {
  const { conn } = socket
  /** The sizes of what went to Engine.IO and has not left. */
  const held: number[] = []
  let full = false
  let direct: NetSocket | undefined

  const onDrain = () => {
    if (!full) return
    full = false
    if (held.length === 0) onDrained()
  }
  const onSent = () => {
    if (held.shift() !== undefined && held.length === 0 && !full) onDrained()
  }
  const watch = (next: NetSocket | undefined) => {
    direct?.off('drain', onDrain)
    direct = next
    direct?.on('drain', onDrain)
  }
  watch(directSocketOf(conn))
  // An upgrade abandons the old transport together with word of its last write.
  conn.on('upgrade', () => {
    watch(directSocketOf(conn))
    while (held.length > 0) onSent()
  })
  socket.once('disconnect', () => watch(undefined))

  const hold = ({ parts, options, bytes }: EncodedPacket) => {
    const last = parts.length - 1
    held.push(bytes)
    for (let index = 0; index < last; index++) conn.write(parts[index] as string, options)
    conn.write(parts[last] as string, options, onSent)
  }
  const peer: SocketPeer = {
    id: socket.id,
    get busy() {
      return full || held.length > 0
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
      if (!frame || !direct?.writable || holdsBack(conn)) hold(packet)
      else if (!direct.write(frame[0])) full = true
    },
    close: () => void socket.disconnect(true),
  }
  return peer
}
