import { Buffer } from 'node:buffer'
import type { OutgoingFrame } from '@syncline/server'

/** One SSE event, made once for all that get it. */
export interface Chunk {
  /** The event as a chunk of HTTP/1.1's chunked coding (RFC 9112, 7.1): written as it is to a socket. */
  readonly framed: Buffer
  /** The event alone, the same bytes. */
  readonly event: Buffer
}

export const createChunk = (event: string): Chunk => {
  const length = Buffer.byteLength(event)
  const size = `${length.toString(16)}\r\n`
  const framed = Buffer.allocUnsafe(size.length + length + 2)
  framed.write(size, 0, 'latin1')
  framed.write(event, size.length)
  framed.write('\r\n', size.length + length, 'latin1')
  return { framed, event: framed.subarray(size.length, size.length + length) }
}

/** The event of a frame; one with messages has the place of its last message as its `id:`. */
export const frameEvent = (frame: OutgoingFrame): string => `${idLine(frame)}data: ${frame.json}\n\n`

const idLine = (outgoing: OutgoingFrame): string => {
  if (!outgoing.json.startsWith('{"type":"messages"')) return ''
  const { channel, epoch, messages } = outgoing.frame as Extract<OutgoingFrame['frame'], { type: 'messages' }>
  const last = messages.at(-1)
  return last && !/[\r\n\0]/.test(channel) ? `id: ${channel}@${epoch}:${last[0]}\n` : ''
}
