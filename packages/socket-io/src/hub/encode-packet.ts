import { Buffer } from 'node:buffer'
import type { Server } from 'socket.io'
import { FRAMES_EVENT } from '../wire.ts'

/** A frame as Engine.IO messages, written to any number of clients without encoding it again. */
export interface EncodedPacket {
  /** What polling and compressing clients get; more than one only with a parser that splits packets. */
  readonly parts: readonly (string | Buffer)[]
  /**
   * The whole WebSocket frame in one buffer, so that one write carries it: Engine.IO takes it in place of
   * `parts` where it can, as it does for Socket.IO's own broadcast.
   */
  readonly options: { readonly compress?: boolean; readonly wsPreEncodedFrame?: readonly [Buffer] }
  readonly bytes: number
}

/** Makes the encoder for a namespace: by hand for Socket.IO's own parser, else through the server's. */
export const createPacketEncoder = (
  parser: Server['_parser'],
  namespace: string,
): ((json: string) => EncodedPacket) => {
  const encoder = new parser.Encoder()
  const encode = (frame: unknown): (string | Buffer)[] =>
    encoder.encode({ type: parser.PacketType.EVENT, nsp: namespace, data: [FRAMES_EVENT, frame] })
  const probe = encode(1)
  if (probe.length === 1 && probe[0] === eventText(namespace, '1'))
    return (json) => shareText(eventText(namespace, json))
  return (json) => {
    const parts = encode(JSON.parse(json))
    return { parts, options: {}, bytes: parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0) }
  }
}

/** Socket.IO protocol v5: `2` is EVENT, then the namespace, then the arguments as JSON. */
const eventText = (namespace: string, json: string): string =>
  `2${namespace === '/' ? '' : `${namespace},`}["${FRAMES_EVENT}",${json}]`

const shareText = (text: string): EncodedPacket => {
  const frame = textFrame(text)
  return { parts: [text], options: { wsPreEncodedFrame: [frame] }, bytes: frame.length }
}

/** An unmasked, final text frame (RFC 6455, 5.2) with an Engine.IO message (type `4`) in it. */
const textFrame = (text: string): Buffer => {
  const length = Buffer.byteLength(text) + 1
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = 0x81
  if (start === 2) frame[1] = length
  else if (start === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame[start] = 0x34
  frame.write(text, start + 1)
  return frame
}
