// Ours: a hub in a process of its own. Arguments: store (`memory` or a file's path), port (0: any).
import { createServer } from 'node:http'
import { createHub, memoryStore, toNodeHandler } from '@syncline/server'
import { sqliteStore } from '@syncline/server/sqlite'
import { socketIoGateway } from '@syncline/socket-io/hub'
import { sseGateway } from '@syncline/sse/hub'
import { Server } from 'socket.io'
import { serveCalls } from '../process/serve-calls.ts'
import { cpu, memory } from '../process/usage.ts'
import { feed, room } from './contract.ts'
import { listen } from './listen.ts'
import { createPublisher } from './publisher.ts'

const [store = 'memory', port = '0'] = process.argv.slice(2)

const io = new Server()
const hub = createHub({
  store: store === 'memory' ? memoryStore() : sqliteStore(store),
  gateways: [socketIoGateway(io), sseGateway()],
})
hub.serve(feed, {
  mutations: {
    add: ({ input, publish }) => {
      publish('message', input)
      return input
    },
  },
})
hub.serve(room, {})
await hub.ready
const server = createServer(toNodeHandler(hub.handler))
io.attach(server)
const listening = await listen(server, Number(port))

const methods = {
  port: () => listening,
  connections: () => hub.health().connections,
  /** The names of those in the room. */
  names: () => hub.members(room).map(({ state }) => state.name),
  cpu,
  memory,
  ...createPublisher((message) => hub.publish(feed, 'message', message)),
}
export type HubMethods = typeof methods
serveCalls(methods)
