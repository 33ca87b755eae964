import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import type { Gateway, NodeExchange } from '@syncline/server'
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

/** Serves the routes of a gateway as the hub's handler does. */
export const serveGateway =
  (gateway: Gateway, host: Host): RequestListener =>
  (request, response) => {
    const body = Readable.toWeb(request) as unknown as BodyInit
    const web = new Request(`http://${request.headers.host}${request.url}`, {
      method: request.method ?? 'GET',
      headers: new Headers(request.headers as Record<string, string>),
      ...(request.method !== 'GET' && { body, duplex: 'half' }),
    } as RequestInit)
    const taken = new Response()
    const exchange: NodeExchange = { request, response, takeOver: () => taken }
    const handler = gateway.routes?.[request.url?.split('/')[1] ?? '']
    if (!handler) return void response.writeHead(404).end()
    handler(web, host === 'node' ? exchange : undefined).then(
      (answer) => answer !== taken && pipe(answer, response),
      (error) => response.destroy(error),
    )
  }

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
