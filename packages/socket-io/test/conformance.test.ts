import { transportSuite } from '@syncline/testing'
import { Server } from 'socket.io'
import { socketIoGateway } from '../src/hub/index.ts'
import { socketIo } from '../src/index.ts'

transportSuite('socket.io', {
  serve: (server) => {
    const io = new Server(server, { serveClient: false })
    return { gateway: socketIoGateway(io), close: () => io.close() }
  },
  transport: (url) => socketIo(url),
})
