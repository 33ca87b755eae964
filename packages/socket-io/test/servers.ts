import { createServer, type Server as HttpServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { Server, type ServerOptions } from 'socket.io'
import { onTestFinished } from 'vitest'

const listen = async (
  server: HttpServer | ReturnType<typeof createTcpServer>,
  port: number,
): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

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

/** Takes connections and never says a word. */
export const startSilence = async () => {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.resume()
  })
  const url = await listen(server, 0)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url, sockets }
}

/** An address where nobody listens. */
export const unusedUrl = async (): Promise<string> => {
  const server = createTcpServer()
  const url = await listen(server, 0)
  await new Promise((resolve) => server.close(resolve))
  return url
}
