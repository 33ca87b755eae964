// One client that handles messages, in a process of its own. Arguments: whom it speaks to, and the port.
import { createClient } from '@syncline/core'
import { socketIo } from '@syncline/socket-io'
import { sse } from '@syncline/sse'
import { createParser } from 'eventsource-parser'
import { io } from 'socket.io-client'
import type { Peer } from '../load/open-client.ts'
import { serveCalls } from '../process/serve-calls.ts'
import { clock, cpu } from '../process/usage.ts'
import { feed } from '../servers/contract.ts'
import type { BenchMessage } from '../servers/message.ts'

const [peer, port] = process.argv.slice(2) as [Peer, string]
const url = `http://127.0.0.1:${port}`

let expected = Number.POSITIVE_INFINITY
let received = 0
let sum = 0
let first = 0
let finished = (_at: number) => {}

const onMessage = ({ n }: BenchMessage): void => {
  if (received++ === 0) first = clock()
  sum += n
  if (received === expected) finished(clock())
}

const openHub = (transport: ReturnType<typeof sse>) =>
  new Promise<void>((resolve) => {
    const channel = createClient({ transport }).channel(feed)
    channel.on('message', onMessage)
    channel.state$.subscribe(({ phase }) => phase === 'live' && resolve())
  })
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
  'hub.socket-io': () => openHub(socketIo(url)),
  'hub.sse': () => openHub(sse(`${url}/syncline`)),
  'plain.socket-io': openSocket,
  'plain.sse': openStream,
}
await open[peer]()

let done: Promise<number> | undefined
let cpuBefore = 0

const methods = {
  expect: (count: number): void => {
    expected = count
    received = 0
    sum = 0
    cpuBefore = cpu()
    done = new Promise((resolve) => {
      finished = resolve
    })
  },
  /** Microseconds from the first message to the last, and CPU time for each message. */
  received: async (): Promise<{ elapsed: number; cpu: number }> => {
    const elapsed = (await (done as Promise<number>)) - first
    if (sum !== (expected * (expected - 1)) / 2) throw new Error('Messages were lost or repeated.')
    return { elapsed, cpu: (cpu() - cpuBefore) / expected }
  },
}
export type ReceiverMethods = typeof methods
serveCalls(methods)
