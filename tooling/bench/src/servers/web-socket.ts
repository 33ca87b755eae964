import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** An unmasked text frame (RFC 6455, 5.2). */
export const textFrame = (text: string): Buffer => {
  const payload = Buffer.from(text)
  const { length } = payload
  const head = length < 126 ? Buffer.alloc(2) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10)
  head[0] = 0x81
  if (head.length === 2) head[1] = length
  else if (head.length === 4) {
    head[1] = 126
    head.writeUInt16BE(length, 2)
  } else {
    head[1] = 127
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([head, payload])
}

/** Opens the WebSocket (RFC 6455, 4.2.2) and reads its text frames, which must be shorter than 64 kB. */
export const acceptWebSocket = (
  request: IncomingMessage,
  socket: Socket,
  onText: (text: string) => void,
): void => {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  let rest = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes])
    for (;;) {
      const length = frameLength(rest)
      if (length === undefined || rest.length < length) return
      onText(unmasked(rest.subarray(0, length)))
      rest = rest.subarray(length)
    }
  })
}

const headLength = (frame: Buffer): number => (((frame[1] ?? 0) & 0x7f) < 126 ? 6 : 8)

const frameLength = (bytes: Buffer): number | undefined => {
  if (bytes.length < 8) return
  const short = (bytes[1] as number) & 0x7f
  return headLength(bytes) + (short < 126 ? short : bytes.readUInt16BE(2))
}

const unmasked = (frame: Buffer): string => {
  const start = headLength(frame)
  const mask = frame.subarray(start - 4, start)
  return frame
    .subarray(start)
    .map((byte, index) => byte ^ (mask[index % 4] as number))
    .toString()
}
