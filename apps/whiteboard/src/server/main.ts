import { createServer } from 'node:http'
import { join } from 'node:path'
import { ablyGateway } from '@syncline/ably/hub'
import { pusherGateway } from '@syncline/pusher/hub'
import { toNodeHandler } from '@syncline/server'
import { socketIoGateway } from '@syncline/socket-io/hub'
import { sseGateway } from '@syncline/sse/hub'
import { startPage } from 'demo-support/page'
import { holdFolder, listen, onStop, readPorts } from 'demo-support/server'
import { Server } from 'socket.io'
import { boardFolder } from './board-folder.ts'
import { createBoardHub } from './board-hub.ts'
import { tellEndpoints } from './endpoints.ts'
import { startAbly } from './start-ably.ts'
import { startPusher } from './start-pusher.ts'

const ports = readPorts(3000)
const lock = holdFolder(boardFolder(), 'Stop that one, or set WHITEBOARD_DATA.')

const [pusher, ably] = await Promise.all([startPusher(), startAbly()])
tellEndpoints({ pusher: pusher.endpoint, ably: ably.endpoint })

// One process and one port for what is ours: Next serves the page, the hub serves /syncline, Socket.IO upgrades
// /socket.io. Pusher and Ably are elsewhere, emulated or not.
const page = await startPage(join(import.meta.dirname, '../..'))
const server = createServer((request, response) =>
  request.url?.startsWith('/syncline/') ? sync(request, response) : page.serve(request, response),
)
const io = new Server(server, { serveClient: false })
const hub = createBoardHub([
  socketIoGateway(io),
  sseGateway(),
  pusherGateway({ pusher: pusher.rest }),
  ablyGateway({ rest: ably.rest }),
])
const sync = toNodeHandler(hub.handler)
await hub.ready

onStop(async () => {
  // Windows are told to come back in a second, so that they need not guess.
  await hub.close({ retryAfter: 1_000 })
  await io.close()
  server.closeAllConnections()
  await page.close()
  await Promise.all([pusher.close(), ably.close()])
  lock.close()
  process.exit()
})

const port = await listen(server, ports)
console.log(`\nThe whiteboard is ready: http://localhost:${port}\n`)
