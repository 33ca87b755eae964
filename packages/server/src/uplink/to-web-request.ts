import type { IncomingMessage } from 'node:http'
import { SynclineError } from '@syncline/core'

/** Node's chunks as they are asked for: nothing is read ahead, so a slow reader slows the sender. */
const bodyOf = (incoming: IncomingMessage): ReadableStream<Uint8Array> => {
  const chunks: AsyncIterator<Uint8Array> = incoming.iterator({ destroyOnReturn: false })
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await next(chunks)
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: async () => {
        await chunks.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

/** The next chunk; a client that has gone is no failure of the server's own. */
const next = async (chunks: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> => {
  try {
    return await chunks.next()
  } catch (cause) {
    throw new SynclineError('transport-failed', {
      cause,
      detail: 'The client went in the middle of its request.',
    })
  }
}

const headersOf = ({ rawHeaders }: IncomingMessage): Headers => {
  const headers = new Headers()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    if (!rawHeaders[i]!.startsWith(':')) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!)
  return headers
}

const urlOf = ({ url = '/', headers, socket }: IncomingMessage): string => {
  if (!url.startsWith('/')) return url
  const host = headers.host ?? headers[':authority'] ?? 'localhost'
  return `${'encrypted' in socket ? 'https' : 'http'}://${host}${url}`
}

/** Node's request as a web-standard one; `undefined` when its URL or method is none. */
export const toWebRequest = (incoming: IncomingMessage, signal: AbortSignal): Request | undefined => {
  const method = incoming.method ?? 'GET'
  const hasBody = method !== 'GET' && method !== 'HEAD'
  try {
    return new Request(urlOf(incoming), {
      method,
      headers: headersOf(incoming),
      signal,
      ...(hasBody && { body: bodyOf(incoming), duplex: 'half' }),
    })
  } catch {
    return undefined
  }
}
