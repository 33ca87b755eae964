import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** What a local server is asked to do. */
export interface LocalServerOptions {
  /** The port to listen on; 0 takes a free one. */
  readonly port: number
  readonly host: string
  /** Bytes of the largest WebSocket message that is read; a larger one closes its socket with 1009. */
  readonly maxFrameBytes: number
  /** Open WebSockets; beyond it an upgrade is answered with 503. */
  readonly maxSockets: number
  /** Whether the next TCP connection or upgrade is cut before anything is answered. */
  readonly refuses: () => boolean
  /** A rejected promise is answered with 500. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void
  readonly onSocket: (socket: WebSocket, request: IncomingMessage) => void
}

/** An HTTP server with WebSockets on one port. */
export interface LocalServer {
  readonly port: number
  readonly host: string
  /** Cuts every connection and stops listening. */
  close(): Promise<void>
}

/** @throws what `listen` of Node throws, `EADDRINUSE` for one */
export const startLocalServer = async (options: LocalServerOptions): Promise<LocalServer> => {
  const { host, maxFrameBytes, maxSockets, refuses, onRequest, onSocket } = options
  const http = createServer((request, response) => {
    if (refuses()) return void request.socket.destroy()
    void answer(request, response, onRequest)
  })
  const sockets = new Set<Socket>()
  http.on('connection', (socket) => {
    if (refuses()) return void socket.destroy()
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const wss = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes, perMessageDeflate: false })
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (refuses()) return void socket.destroy()
    if (wss.clients.size >= maxSockets)
      return void socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n')
    wss.handleUpgrade(request, socket, head, (webSocket) => onSocket(webSocket, request))
  })
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(options.port, host, () => {
      http.off('error', reject)
      resolve()
    })
  })
  let closing: Promise<void> | undefined
  return {
    port: (http.address() as AddressInfo).port,
    host,
    close: () => {
      closing ??= new Promise((resolve) => {
        http.close(() => resolve())
        for (const socket of wss.clients) socket.terminate()
        for (const socket of sockets) socket.destroy()
      })
      return closing
    },
  }
}

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  onRequest: LocalServerOptions['onRequest'],
) => {
  try {
    await onRequest(request, response)
  } catch (error) {
    if (response.headersSent || response.destroyed) return void response.destroy()
    response.writeHead(500, { 'content-type': 'text/plain', connection: 'close' })
    response.end(error instanceof Error ? error.message : String(error))
  }
}
