// Sends one client bytes that were made beforehand, so that a server does the same work whosever bytes they are: what
// `io.emit` sends, what a loop over event streams sends, and what a hub sends, one message a frame or, while its client
// is busy, 64. Argument: whose bytes.
import { randomUUID } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Peer } from '../load/open-client.ts'
import { serveCalls } from '../process/serve-calls.ts'
import { epoch, joinedFrame, messagesFrame, welcomeFrame } from './hub-frames.ts'
import { listen } from './listen.ts'
import { createMessage } from './message.ts'
import { createPublisher } from './publisher.ts'
import { acceptWebSocket, textFrame } from './web-socket.ts'

const [peer] = process.argv.slice(2) as [Peer]
/** Messages of one frame of the hub: its `fanOutMessages`. */
const BATCH = 64

let seq = 0
/** Of a message's data. */
let size: number | undefined
const stored = (n: number): string =>
  JSON.stringify([++seq, `00000000000002.${seq}`, Date.now(), 'message', createMessage(n, size)])

const plainSocket = (n: number) => textFrame(`42${JSON.stringify(['message', createMessage(n, size)])}`)
/** A chunk of HTTP's chunked coding (RFC 9112, 7.1): each write of a server is one, however many a read brings. */
const chunk = (event: string) => Buffer.from(`${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`)
const plainEvent = (n: number) => chunk(`id: ${++seq}\ndata: ${JSON.stringify(createMessage(n, size))}\n\n`)
const hubPacket = (frame: string) => textFrame(`42/syncline,["syncline",${frame}]`)
const hubEvent = (frame: string, id = '') => chunk(`${id}data: ${frame}\n\n`)
const hubMessages = (frame: string) => hubEvent(frame, `id: feed@${epoch}:${seq}\n`)

const batches = (count: number, encode: (frame: string) => Buffer): Buffer[] => {
  const frames: Buffer[] = []
  for (let n = 0; n < count; ) {
    const messages: string[] = []
    for (const end = Math.min(count, n + BATCH); n < end; n++) messages.push(stored(n))
    frames.push(encode(messagesFrame(messages)))
  }
  return frames
}
const singles = (count: number): Buffer[] => Array.from({ length: count }, (_, n) => one(n))

/** What a hub's frame is on its way. */
const encodeFrame: Partial<Record<Peer, (frame: string) => Buffer>> = {
  'hub.socket-io': hubPacket,
  'hub.sse': hubMessages,
}
const encode = encodeFrame[peer]
const plain = peer === 'plain.sse' ? plainEvent : plainSocket
const one = (n: number): Buffer => (encode ? encode(messagesFrame([stored(n)])) : plain(n))

let client: Socket | undefined
const openStream = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  client = response.socket ?? undefined
  if (peer === 'plain.sse') client?.write(chunk('retry: 1000\n\n'))
  else client?.write(chunk(`event: session\ndata: ${randomUUID()}\n\ndata: ${welcomeFrame}\n\n`))
}
const server = createServer(async (request, response) => {
  let body = ''
  for await (const part of request) body += part
  if (request.url?.endsWith('/send')) response.writeHead(204).end()
  else openStream(response)
  if (body.includes('"join"')) client?.write(hubEvent(joinedFrame(seq)))
})
server.on('upgrade', (request, socket: Socket) => {
  client = socket
  const send = (packet: string) => socket.write(textFrame(packet))
  const onText = (text: string) => {
    if (text.startsWith('40')) {
      const namespace = peer === 'hub.socket-io' ? '/syncline,' : ''
      send(`40${namespace}{"sid":"bench"}`)
      if (namespace) socket.write(hubPacket(welcomeFrame))
    }
    if (text.includes('"join"')) socket.write(hubPacket(joinedFrame(seq)))
  }
  acceptWebSocket(request, socket, onText)
  send('0{"sid":"bench","upgrades":[],"pingInterval":600000,"pingTimeout":600000,"maxPayload":1000000}')
})
const listening = await listen(server)

const methods = {
  port: () => listening,
  flood: (count: number, bytes: number): void => {
    size = bytes
    const all = Buffer.concat(encode ? batches(count, encode) : singles(count))
    for (let at = 0; at < all.length; at += 65_536) client?.write(all.subarray(at, at + 65_536))
  },
  /** So many messages of 1 kB, evenly, so many a second. */
  paced: (count: number, perSecond: number): Promise<number> => {
    const frames = singles(count)
    return createPublisher(({ n }) => client?.write(frames[n] as Buffer)).paced(count, perSecond)
  },
}
export type FloodMethods = typeof methods
serveCalls(methods)
