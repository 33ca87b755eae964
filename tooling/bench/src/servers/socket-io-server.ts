// Baseline: Socket.IO as its users have it, in a process of its own.
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { serveCalls } from '../process/serve-calls.ts'
import { cpu, memory } from '../process/usage.ts'
import { listen } from './listen.ts'
import { createPublisher } from './publisher.ts'

const server = createServer()
const io = new Server(server)
io.on('connection', (socket) => {
  socket.on('enter', () => void socket.join('room'))
  socket.on('cursor', (cursor) => socket.to('room').emit('cursor', socket.id, cursor))
  socket.on('add', (input, acknowledge) => acknowledge(input))
})
const listening = await listen(server)

const methods = {
  port: () => listening,
  connections: () => io.engine.clientsCount,
  cpu,
  memory,
  ...createPublisher((message) => io.emit('message', message)),
}
export type SocketIoMethods = typeof methods
serveCalls(methods)
