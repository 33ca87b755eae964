import type { IncomingMessage } from 'node:http'

/** The whole body of a request, or `too-large` once it has more than `maxBytes`; the rest is then not kept. */
export const readBody = async (request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too-large'> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= maxBytes) chunks.push(chunk)
  }
  return size > maxBytes ? 'too-large' : Buffer.concat(chunks)
}
