import type { IncomingMessage, ServerResponse } from 'node:http'

/** Bytes of an unwanted body that are still read, so that the client gets to read its answer. */
const linger = 1024 * 1024

const writeHead = (response: Response, outgoing: ServerResponse): void => {
  for (const [name, value] of response.headers) if (name !== 'set-cookie') outgoing.setHeader(name, value)
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies)
  outgoing.writeHead(response.status)
  outgoing.flushHeaders()
}

/** Resolves when Node takes more, or the client has gone. */
const drained = (outgoing: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done)
      outgoing.off('close', done)
      resolve()
    }
    outgoing.on('drain', done)
    outgoing.on('close', done)
  })

const pump = async (body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> => {
  const reader = body.getReader()
  const cancel = (): void => {
    reader.cancel().catch(() => undefined)
  }
  outgoing.once('close', cancel)
  while (!outgoing.destroyed) {
    const { done, value } = await reader.read()
    if (done) break
    if (!outgoing.write(value)) await drained(outgoing)
  }
  outgoing.off('close', cancel)
}

/**
 * After an early answer: a connection cut at once would take the answer from a client that is still sending,
 * so the rest of the body is read and dropped, up to a bound.
 */
const discardRest = (incoming: IncomingMessage): void => {
  let left = linger
  incoming.on('data', (chunk: Uint8Array) => {
    left -= chunk.byteLength
    if (left < 0) incoming.socket.destroy()
  })
}

/** Writes a web-standard response to Node's, headers at once and the body as fast as the client reads. */
export const writeWebResponse = async (
  response: Response,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> => {
  if (outgoing.destroyed) return response.body?.cancel()
  writeHead(response, outgoing)
  if (incoming.method === 'HEAD') await response.body?.cancel()
  else if (response.body) await pump(response.body, outgoing)
  outgoing.end()
  if (!incoming.complete) discardRest(incoming)
}
