// One client that handles messages, in a process of its own. Arguments: whom it speaks to, and the port.
import { socketIo } from '@syncline/socket-io'
import { sse } from '@syncline/sse'
import { createParser } from 'eventsource-parser'
import { io } from 'socket.io-client'
import type { Peer } from '../load/open-client.ts'
import { serveCalls } from '../process/serve-calls.ts'
import { openFeed } from './open-feed.ts'
import { createReceipt } from './receipt.ts'

const [peer, port] = process.argv.slice(2) as [Peer, string]
const url = `http://127.0.0.1:${port}`

const receipt = createReceipt()
const { onMessage } = receipt

const openSocket = () =>
  new Promise<void>((resolve) => {
    const socket = io(url, { transports: ['websocket'] })
    socket.on('message', onMessage)
    socket.on('connect', resolve)
  })
const openStream = async () => {
  const response = await fetch(url)
  const parser = createParser({ onEvent: ({ data }) => onMessage(JSON.parse(data)) })
  const decoder = new TextDecoder()
  const read = async () => {
    for await (const part of response.body ?? []) parser.feed(decoder.decode(part, { stream: true }))
  }
  void read()
}
const open: Record<Peer, () => Promise<void>> = {
  'hub.socket-io': () => openFeed(socketIo(url), onMessage),
  'hub.sse': () => openFeed(sse(`${url}/syncline`), onMessage),
  'plain.socket-io': openSocket,
  'plain.sse': openStream,
}
await open[peer]()
serveCalls(receipt.methods)
