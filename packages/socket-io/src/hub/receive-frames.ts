import { Buffer } from 'node:buffer'
import type { Socket } from 'socket.io'
import { FRAMES_EVENT } from '../wire.ts'

/**
 * Hands over the frames of each event of a socket with their size on the wire. Socket.IO tells no sizes, so
 * they are taken from the raw packets of its connection, which come in the same order as the events.
 */
export const receiveFrames = (
  socket: Socket,
  receive: (frames: readonly unknown[], bytes: number) => void,
): void => {
  const { conn, nsp } = socket
  const sizes: number[] = []
  const onData = (packet: unknown) => {
    if (typeof packet === 'string' && isEvent(packet, nsp.name)) sizes.push(Buffer.byteLength(packet))
  }
  conn.on('data', onData)
  socket.onAny((event: string, ...frames: unknown[]) => {
    const bytes = sizes.shift() ?? 0
    if (event === FRAMES_EVENT) receive(frames, bytes)
    else receive([{ type: event }], bytes)
  })
  socket.once('disconnect', () => conn.off('data', onData))
}

/** EVENT (`2`) or BINARY_EVENT (`5`, the number of attachments, a dash), then a namespace other than the main one. */
const isEvent = (packet: string, namespace: string): boolean => {
  const start = packet[0] === '2' ? 1 : packet[0] === '5' ? packet.indexOf('-') + 1 : 0
  if (start === 0) return false
  return namespace === '/' ? packet[start] !== '/' : packet.startsWith(`${namespace},`, start)
}
