import type { Server as HttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** Listens on loopback, on a free port with 0; resolves with the address. */
export const listen = async (server: Server | HttpServer, port: number): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Takes connections and never says a word. Ends with the test. */
export const startSilence = async (): Promise<{
  readonly url: string
  readonly sockets: ReadonlySet<Socket>
}> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
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
  const server = createServer()
  const url = await listen(server, 0)
  await new Promise((resolve) => server.close(resolve))
  return url
}
