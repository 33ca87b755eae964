import { transportSuite } from '@syncline/testing'
import { Server } from 'socket.io'
import { io as connect } from 'socket.io-client'
import { socketIoGateway } from '../src/hub/index.ts'
import { socketIo } from '../src/index.ts'

/** A Socket.IO client that is none of ours, and HTTP that is none of Socket.IO's. */
const garbage = async (url: string): Promise<void> => {
  const socket = connect(`${url}/syncline`, {
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
  })
  const ended = new Promise((resolve) => socket.once('disconnect', resolve))
  socket.emit('nonsense', { deep: [[[[]]]] })
  socket.emit('syncline')
  await ended
  for (const body of ['', '4', '42["syncline"', '{'.repeat(10_000)])
    await fetch(`${url}/socket.io/?EIO=4&transport=polling&sid=nobody`, { method: 'POST', body })
  await fetch(`${url}/socket.io/?EIO=9&transport=pigeon`)
}

transportSuite('socket.io', {
  serve: (server) => {
    const io = new Server(server, { serveClient: false })
    return { gateway: socketIoGateway(io), close: () => io.close() }
  },
  transport: (url) => socketIo(url),
  garbage,
})
