import type { RawData, WebSocket } from 'ws'
import { createDelayLine } from './delay-line.ts'

/** One WebSocket as the emulators see it, with the faults that can befall it. */
export interface Link {
  /** False after `onClosed`. */
  readonly open: boolean
  send(frame: string | Uint8Array): void
  /** Says goodbye with a code of RFC 6455 or the provider's own. */
  close(code: number, reason?: string): void
  /** Cuts the connection without a close frame: the client sees 1006. */
  drop(): void
  /** Half-open from now on: nothing is sent or read any more, and the socket stays open. */
  silence(): void
}

export interface LinkOptions {
  /** Milliseconds that each frame takes, in either direction; asked for each frame. */
  readonly delay: () => number
  /** Bytes that may wait to be sent; a client that reads too slowly is dropped beyond. */
  readonly maxBufferedBytes?: number
  readonly onFrame: (data: Buffer, binary: boolean) => void
  /** Called once, whoever ended the link; not for a silent one whose client went away unnoticed. */
  readonly onClosed: () => void
}

/** Frames that a delay may hold back in each direction. */
const MAX_DELAYED = 10_000

interface Goodbye {
  readonly code: number
  readonly reason: string | undefined
}

export const createLink = (socket: WebSocket, options: LinkOptions): Link => {
  const { delay, maxBufferedBytes = 16 * 1024 * 1024, onFrame, onClosed } = options
  let open = true
  let silent = false
  const end = () => {
    if (!open) return
    open = false
    incoming.clear()
    onClosed()
  }
  const drop = () => {
    outgoing.clear()
    socket.terminate()
    end()
  }
  const transmit = (item: string | Uint8Array | Goodbye) => {
    if (silent || socket.readyState !== socket.OPEN) return
    if (typeof item === 'object' && 'code' in item) return socket.close(item.code, item.reason)
    socket.send(item)
    if (socket.bufferedAmount > maxBufferedBytes) drop()
  }
  const outgoing = createDelayLine(delay, transmit, MAX_DELAYED, () => drop())
  const incoming = createDelayLine<[Buffer, boolean]>(
    delay,
    ([data, binary]) => open && !silent && onFrame(data, binary),
    MAX_DELAYED,
    () => drop(),
  )
  socket.on('message', (data: RawData, binary) => incoming.push([toBuffer(data), binary]))
  socket.on('close', end)
  // Whatever the error is (a frame that is too large, bad UTF-8), `ws` closes the socket for it.
  socket.on('error', () => undefined)
  return {
    get open() {
      return open
    },
    send: (frame) => open && outgoing.push(frame),
    close: (code, reason) => {
      if (!open) return
      outgoing.push({ code, reason })
      end()
    },
    drop,
    silence: () => {
      silent = true
      socket.pause()
    },
  }
}

const toBuffer = (data: RawData): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data)
