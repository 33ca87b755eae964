// A client with many channels open, in a process of its own, fed without a network. Argument: how many.
import { createClient, defineChannel, type Transport, type TransportEvent, type } from '@syncline/core'
import type { ClientFrame } from '@syncline/core/protocol'
import { Observable, type Subscriber } from 'rxjs'
import { serveCalls } from '../process/serve-calls.ts'
import { cpu } from '../process/usage.ts'
import { epoch, joinedFrame, welcomeFrame } from '../servers/hub-frames.ts'

const channels = Number(process.argv[2])
const topic = defineChannel('topic/:id', { events: { message: type<{ n: number }>() } })
let subscriber: Subscriber<TransportEvent> | undefined
let joined = 0

const answer = (frame: ClientFrame): void => {
  if (frame.type !== 'join') return
  joined++
  queueMicrotask(() => deliver([JSON.parse(joinedFrame(0, frame.channel))]))
}
const deliver = (frames: readonly unknown[]): void => subscriber?.next({ type: 'frames', frames })

const transport: Transport = {
  kind: 'hub',
  name: 'none',
  open: () => ({
    attempt: () =>
      new Observable((opened) => {
        subscriber = opened
        queueMicrotask(() => {
          opened.next({ type: 'open', continuity: 'unknown', send: (frames) => frames.forEach(answer) })
          deliver([JSON.parse(welcomeFrame)])
        })
      }),
    dispose: () => undefined,
  }),
}

let received = 0
const client = createClient({ transport })
for (let id = 0; id < channels; id++)
  client.channel(topic, { id }).on('message', () => {
    received++
  })
while (joined < channels) await new Promise((resolve) => setTimeout(resolve, 10))

const seqs: number[] = Array(channels).fill(0)
const frameFor = (n: number, id: number) => {
  const seq = (seqs[id] ?? 0) + 1
  seqs[id] = seq
  const messages = [[seq, `message-${n}`, 1_700_000_000_000, 'message', { n }]]
  return { type: 'messages', channel: `topic/${id}`, epoch, messages }
}

const methods = {
  /**
   * Nanoseconds of CPU time for each message, each in a frame of its own: all to one channel, or to one after
   * the other.
   */
  run: (count: number, spread: boolean): number => {
    const deliveries = Array.from({ length: count }, (_, n) => [frameFor(n, spread ? n % channels : 0)])
    globalThis.gc?.()
    received = 0
    const begun = cpu()
    for (const frames of deliveries) deliver(frames)
    const elapsed = (cpu() - begun) * 1_000
    if (received !== count) throw new Error(`${received} of ${count} messages came.`)
    return elapsed / count
  },
}
export type DispatchMethods = typeof methods
serveCalls(methods)
