import { openRawSocket } from './raw-socket.ts'
import type { Tally } from './tally.ts'

/** Speaks just enough HTTP to open an event stream and to count. `opened` resolves once `joinedBy` came. */
export const openEventStreamClient = (options: {
  readonly port: number
  readonly path: string
  /** POSTed; without it the stream is asked for by GET. */
  readonly body: string | undefined
  readonly joinedBy: string
  readonly tally: Tally
}): { readonly opened: Promise<void>; close(): void } => {
  const { port, path, body, joinedBy, tally } = options
  let counting = false
  let text = ''
  let opened = () => {}
  let failed = (_error: Error) => {}
  const onBytes = (bytes: Buffer, length: number) => {
    if (counting) return tally.take(bytes, 0, length)
    text += bytes.toString('latin1', 0, length)
    if (!text.includes(joinedBy)) return
    counting = true
    text = ''
    opened()
  }
  const socket = openRawSocket(port, onBytes, () => failed(new Error('The connection was closed.')))
  const head = `${body === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n`
  socket.write(
    body === undefined
      ? `${head}\r\n`
      : `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  return {
    opened: new Promise((resolve, reject) => {
      opened = resolve
      failed = reject
    }),
    close: () => socket.destroy(),
  }
}
