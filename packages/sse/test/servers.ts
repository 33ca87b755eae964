import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { createHandler, type Gateway, toNodeHandler } from '@syncline/server'
import { listen } from '@syncline/testing/adapter'
import { onTestFinished } from 'vitest'

/** A real HTTP server on an ephemeral port; `kill` cuts every connection as a dying process does. */
export const startHttp = async (listener: RequestListener, port = 0) => {
  const http = createServer(listener)
  const sockets = new Set<Socket>()
  http.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const url = await listen(http, port)
  const kill = async () => {
    for (const socket of sockets) socket.resetAndDestroy()
    await new Promise((resolve) => http.close(resolve))
  }
  onTestFinished(kill)
  return { http, url, sockets, kill }
}

/** `node`: the gateway gets Node's own response; `web`: it answers with a web stream that is piped. */
export type Host = 'node' | 'web'

/** Serves the routes of a gateway as the hub does. */
export const serveGateway = (gateway: Gateway, host: Host): RequestListener => {
  const handler = createHandler({
    basePath: '',
    routes: gateway.routes ?? {},
    health: () => ({ ok: true }),
    maxBytes: 1_000_000,
    report: (error) => {
      throw error
    },
  })
  if (host === 'node') return toNodeHandler(handler)
  return (request, response) => {
    handler(webRequest(request)).then(
      (answer) => pipe(answer, response),
      (error) => response.destroy(error),
    )
  }
}

const webRequest = (request: IncomingMessage): Request =>
  new Request(`http://${request.headers.host}${request.url}`, {
    method: request.method ?? 'GET',
    headers: new Headers(request.headers as Record<string, string>),
    ...(request.method !== 'GET' && {
      body: Readable.toWeb(request) as unknown as BodyInit,
      duplex: 'half',
    }),
  } as RequestInit)

const pipe = (answer: Response, response: ServerResponse) => {
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  if (!answer.body) return response.end()
  response.flushHeaders()
  const stream = Readable.fromWeb(answer.body as NodeStream)
  response.on('close', () => stream.destroy())
  return stream.on('error', () => response.destroy()).pipe(response)
}

export const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const part of request) text += part
  return text
}
