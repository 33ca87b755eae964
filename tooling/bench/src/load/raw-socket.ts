import { connect, type Socket } from 'node:net'

/** One buffer for all reads of all sockets: what is read is used at once. */
const shared = Buffer.allocUnsafe(1 << 20)

/** Loopback addresses to spread the connections over: one alone has ports for some 28,000. */
const addresses = 16
let next = 0

/** A TCP connection that costs its process as little as can be. */
export const openRawSocket = (
  port: number,
  onBytes: (bytes: Buffer, length: number) => void,
  onClose: () => void,
): Socket => {
  const socket = connect({
    port,
    host: process.platform === 'linux' ? `127.0.0.${1 + (next++ % addresses)}` : '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: shared,
      callback: (length) => {
        onBytes(shared, length)
        return true
      },
    },
  })
  socket.on('error', () => undefined)
  socket.on('close', onClose)
  return socket
}
