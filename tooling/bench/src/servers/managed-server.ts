// One port that is a managed provider and the hub on it, in a process of its own. The hub and its gateway are the real
// ones; what they publish is made beforehand and then sent at the pace asked for, so that messages come one by one
// and the work behind them is the same for both sides. Argument: whom the client speaks to.
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { createHub, memoryStore, toNodeHandler } from '@syncline/server'
import { serveCalls } from '../process/serve-calls.ts'
import { createAblyStandIn } from './ably-stand-in.ts'
import { feed } from './contract.ts'
import { listen } from './listen.ts'
import type { ManagedPeer } from './managed.ts'
import { createMessage } from './message.ts'
import { createPublisher } from './publisher.ts'
import { createPusherStandIn } from './pusher-stand-in.ts'

const [peer] = process.argv.slice(2) as [ManagedPeer]

let client: Socket | undefined
/** What is made beforehand; while there is nothing, what is published is sent at once. */
let made: Buffer[] | undefined
const emit = (frame: Buffer): void => {
  if (made) made.push(frame)
  else client?.write(frame)
}
const standIn = peer.endsWith('pusher') ? createPusherStandIn(emit) : createAblyStandIn(emit)

// A heartbeat would bring the heads of messages that are made and not yet sent.
const hub = createHub({ store: memoryStore(), gateways: [standIn.gateway], heartbeat: 600_000 })
hub.serve(feed, { mutations: { add: ({ input }) => input } })
await hub.ready
const server = createServer(toNodeHandler(hub.handler))
server.on('upgrade', (request, socket: Socket) => {
  client = socket
  standIn.accept(request, socket)
})
const listening = await listen(server)

const publish = peer.startsWith('hub')
  ? (n: number) => hub.publish(feed, 'message', createMessage(n))
  : (n: number) => standIn.publish(createMessage(n))
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Each in a frame of its own. */
const make = async (count: number): Promise<readonly Buffer[]> => {
  const frames: Buffer[] = []
  made = frames
  for (let n = 0; n < count; n++) {
    await publish(n)
    for (let turns = 0; frames.length <= n; turns++) {
      if (turns === 10_000) throw new Error('The provider was given nothing.')
      await turn()
    }
  }
  made = undefined
  return frames
}

const methods = {
  port: () => listening,
  /** So many messages, evenly, so many a second. */
  paced: async (count: number, perSecond: number): Promise<number> => {
    const frames = await make(count)
    return createPublisher(({ n }) => client?.write(frames[n] as Buffer)).paced(count, perSecond)
  },
}
export type ManagedMethods = typeof methods
serveCalls(methods)
