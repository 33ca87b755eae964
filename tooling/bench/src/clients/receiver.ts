// One client that handles messages, in a process of its own. Arguments: whom it speaks to, and the port.
import { socketIo } from '@syncline/socket-io'
import { sse } from '@syncline/sse'
import { createParser } from 'eventsource-parser'
import { io } from 'socket.io-client'
import { openingFrames, type Peer } from '../load/open-client.ts'
import { serveCalls } from '../process/serve-calls.ts'
import type { Provider } from '../rows/provider.ts'
import type { BenchMessage } from '../servers/message.ts'
import { openFeed } from './open-feed.ts'
import { createReceipt } from './receipt.ts'

/** Through Syncline, by the bare SDK, or by the bare SDK that reads the hub's frames and does no more with them. */
type Receiver = Peer | `frames.${Provider}`

const [peer, port] = process.argv.slice(2) as [Receiver, string]
const url = `http://127.0.0.1:${port}`

const receipt = createReceipt()
const { onMessage } = receipt

const openSocket = () =>
  new Promise<void>((resolve) => {
    const socket = io(url, { transports: ['websocket'] })
    socket.on('message', onMessage)
    socket.on('connect', resolve)
  })
const readStream = (response: Response, onData: (data: string) => void): void => {
  const parser = createParser({ onEvent: ({ data }) => onData(data) })
  const decoder = new TextDecoder()
  const read = async () => {
    for await (const part of response.body ?? []) parser.feed(decoder.decode(part, { stream: true }))
  }
  void read()
}
const openStream = async () => readStream(await fetch(url), (data) => onMessage(JSON.parse(data)))

interface Frame {
  readonly type: string
  readonly messages: readonly (readonly [number, string, number, string, BenchMessage])[]
}
/** Resolves `joined` once the channel is joined; from then on hands over what each frame carries. */
const frameReader = (joined: () => void) => (frame: Frame) => {
  if (frame.type === 'messages') for (const [, , , , message] of frame.messages) onMessage(message)
  else if (frame.type === 'joined') joined()
}
const openSocketForFrames = () =>
  new Promise<void>((resolve) => {
    const read = frameReader(resolve)
    const socket = io(`${url}/syncline`, { transports: ['websocket'], auth: { frames: openingFrames() } })
    socket.on('syncline', (...frames: Frame[]) => frames.forEach(read))
  })
const openStreamForFrames = () =>
  new Promise<void>((resolve) => {
    const read = frameReader(resolve)
    const body = JSON.stringify({ frames: openingFrames() })
    const headers = { 'content-type': 'application/json' }
    void fetch(`${url}/syncline/sse`, { method: 'POST', body, headers }).then((response) =>
      readStream(response, (data) => data[0] === '{' && read(JSON.parse(data))),
    )
  })

const open: Record<Receiver, () => Promise<void>> = {
  'hub.socket-io': () => openFeed(socketIo(url), onMessage),
  'hub.sse': () => openFeed(sse(`${url}/syncline`), onMessage),
  'plain.socket-io': openSocket,
  'plain.sse': openStream,
  'frames.socket-io': openSocketForFrames,
  'frames.sse': openStreamForFrames,
}
await open[peer]()
serveCalls(receipt.methods)
