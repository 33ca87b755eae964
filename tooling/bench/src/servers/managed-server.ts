// One port that is a managed provider and the hub on it, in a process of its own. The hub, its gateway and what they
// publish are the real ones; the way between them and the client's WebSocket is as short as can be, so that messages
// come one by one at any pace. Argument: whom the client speaks to.
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { createHub, memoryStore, toNodeHandler } from '@syncline/server'
import { serveCalls } from '../process/serve-calls.ts'
import { createAblyStandIn } from './ably-stand-in.ts'
import { feed } from './contract.ts'
import { listen } from './listen.ts'
import type { ManagedPeer } from './managed.ts'
import { createPublisher } from './publisher.ts'
import { createPusherStandIn } from './pusher-stand-in.ts'

const [peer] = process.argv.slice(2) as [ManagedPeer]
const standIn = peer.endsWith('pusher') ? createPusherStandIn() : createAblyStandIn()

const hub = createHub({ store: memoryStore(), gateways: [standIn.gateway] })
hub.serve(feed, { mutations: { add: ({ input }) => input } })
await hub.ready
const server = createServer(toNodeHandler(hub.handler))
server.on('upgrade', (request, socket: Socket) => standIn.accept(request, socket))
const listening = await listen(server)

const methods = {
  port: () => listening,
  ...createPublisher(
    peer.startsWith('hub') ? (message) => hub.publish(feed, 'message', message) : standIn.publish,
  ),
}
export type ManagedMethods = typeof methods
serveCalls(methods)
