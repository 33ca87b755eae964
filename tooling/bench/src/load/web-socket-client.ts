import { openRawSocket } from './raw-socket.ts'
import type { Tally } from './tally.ts'

const PING = 0x32
const TEXT = 0x81

/** A masked text frame with a mask of zeros (RFC 6455, 5.2): what a client has to send. */
const maskedFrame = (text: string): Buffer => {
  const payload = Buffer.from(text)
  const length = payload.length
  const head =
    length < 126
      ? Buffer.from([TEXT, 0x80 | length, 0, 0, 0, 0])
      : Buffer.from([TEXT, 0x80 | 126, length >> 8, length & 0xff, 0, 0, 0, 0])
  return Buffer.concat([head, payload])
}

export interface OpenedWebSocket {
  readonly opened: Promise<void>
  /** One Engine.IO packet, below 64 kB. */
  send(packet: string): void
  close(): void
}

/**
 * Speaks just enough WebSocket, Engine.IO 4 and Socket.IO 5 to connect and to count. `opened` resolves when
 * `isJoined` says so of a packet.
 *
 * @param connectPacket the Socket.IO CONNECT
 */
export const openWebSocketClient = (options: {
  readonly port: number
  readonly connectPacket: string
  readonly isJoined: (packet: string) => boolean
  readonly tally: Pick<Tally, 'take'>
}): OpenedWebSocket => {
  const { port, connectPacket, isJoined, tally } = options
  let phase: 'http' | 'opening' | 'counting' = 'http'
  let text = ''
  /** Payload bytes of the current frame still to come. */
  let left = 0
  /** A frame's header that was cut in two by the end of a read. */
  let header = Buffer.alloc(0)
  let opened = () => {}
  let failed = (_error: Error) => {}

  const onPacket = (packet: string) => {
    if (packet.startsWith('0')) socket.write(maskedFrame(connectPacket))
    else if (packet === '2') socket.write(maskedFrame('3'))
    else if (isJoined(packet)) {
      phase = 'counting'
      opened()
    }
  }
  const payload = (bytes: Buffer, from: number, to: number) => {
    if (phase === 'counting') return tally.take(bytes, from, to)
    text += bytes.toString('latin1', from, to)
    if (left > 0) return
    const packet = text
    text = ''
    onPacket(packet)
  }
  const frames = (bytes: Buffer, from: number, end: number) => {
    let at = from
    while (at < end) {
      if (left > 0) {
        const to = Math.min(end, at + left)
        left -= to - at
        payload(bytes, at, to)
        at = to
        continue
      }
      if (header.length > 0) {
        const joined = Buffer.concat([header, bytes.subarray(at, end)])
        header = Buffer.alloc(0)
        return frames(joined, 0, joined.length)
      }
      const size = headerSize(bytes, at, end)
      if (size === undefined) {
        header = Buffer.from(bytes.subarray(at, end))
        return
      }
      left = payloadLength(bytes, at)
      at += size
      if (phase === 'counting' && left === 1 && bytes[at] === PING) socket.write(maskedFrame('3'))
    }
  }
  const onBytes = (bytes: Buffer, length: number) => {
    if (phase !== 'http') return frames(bytes, 0, length)
    text += bytes.toString('latin1', 0, length)
    const end = text.indexOf('\r\n\r\n')
    if (end < 0) return
    const rest = Buffer.from(text.slice(end + 4), 'latin1')
    text = ''
    phase = 'opening'
    if (rest.length > 0) frames(rest, 0, rest.length)
  }

  const socket = openRawSocket(port, onBytes, () => failed(new Error('The connection was closed.')))
  socket.write(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  return {
    opened: new Promise((resolve, reject) => {
      opened = resolve
      failed = reject
    }),
    send: (packet) => void socket.write(maskedFrame(packet)),
    close: () => socket.destroy(),
  }
}

const headerSize = (bytes: Buffer, at: number, end: number): number | undefined => {
  if (end - at < 2) return
  const short = bytes[at + 1] as number
  const size = short < 126 ? 2 : short === 126 ? 4 : 10
  return end - at < size ? undefined : size
}

const payloadLength = (bytes: Buffer, at: number): number => {
  const short = bytes[at + 1] as number
  return short < 126
    ? short
    : short === 126
      ? bytes.readUInt16BE(at + 2)
      : Number(bytes.readBigUInt64BE(at + 2))
}
