import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { listen } from '@syncline/testing/adapter'
import { Server, type ServerOptions } from 'socket.io'
import { onTestFinished } from 'vitest'

/** A real Socket.IO server on an ephemeral port; `kill` cuts every connection as a dying process does. */
export const startSocketIo = async (options: Partial<ServerOptions> = {}, port = 0) => {
  const http = createServer()
  const sockets = new Set<Socket>()
  http.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const io = new Server(http, options)
  const url = await listen(http, port)
  const kill = async () => {
    for (const socket of sockets) socket.resetAndDestroy()
    await io.close()
  }
  onTestFinished(kill)
  return { io, url, sockets, kill }
}
