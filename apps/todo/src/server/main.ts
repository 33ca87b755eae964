import { createServer } from 'node:http'
import { join } from 'node:path'
import { toNodeHandler } from '@syncline/server'
import { startPage } from 'demo-support/page'
import { holdFolder, listen, onStop, readPorts } from 'demo-support/server'
import { Server } from 'socket.io'
import { listFolder } from './list-folder.ts'
import { createTodoHub } from './todo-hub.ts'

const ports = readPorts(3000)
const lock = holdFolder(listFolder(), 'Stop that one, or set TODO_DATA.')

// One process and one port: Next serves the page, the hub serves /syncline, Socket.IO upgrades /socket.io.
const page = await startPage(join(import.meta.dirname, '../..'))
const server = createServer((request, response) =>
  request.url?.startsWith('/syncline/') ? sync(request, response) : page.serve(request, response),
)
const io = new Server(server, { serveClient: false })
const hub = createTodoHub(io)
const sync = toNodeHandler(hub.handler)
await hub.ready

onStop(async () => {
  // Windows are told to come back in a second, so that they need not guess.
  await hub.close({ retryAfter: 1_000 })
  await io.close()
  server.closeAllConnections()
  await page.close()
  lock.close()
  process.exit()
})

const port = await listen(server, ports)
console.log(`\nThe todo list is ready: http://localhost:${port}\n`)
