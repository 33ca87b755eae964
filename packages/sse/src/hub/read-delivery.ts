import { SynclineError } from '@syncline/core'

/** What a client POSTed, unchecked but for being JSON within the limit. */
export interface Delivery {
  readonly session: unknown
  readonly frames: unknown
  readonly token: string | undefined
  readonly bytes: number
}

/** Reads a POST; an error where it is larger than `limit` bytes or no JSON object. */
export const readDelivery = async (request: Request, limit: number): Promise<Delivery | SynclineError> => {
  const body = await readBody(request, limit)
  if (!body) return new SynclineError('too-large')
  const token = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  try {
    const { session, frames } = JSON.parse(body.text)
    return { session, frames, token, bytes: body.bytes }
  } catch (cause) {
    return new SynclineError('malformed-frame', { cause })
  }
}

/** Undefined as soon as there is more than the limit. */
const readBody = async (request: Request, limit: number) => {
  if (Number(request.headers.get('content-length')) > limit) return
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += part.byteLength
    if (bytes > limit) return
    text += decoder.decode(part, { stream: true })
  }
  return { text: text + decoder.decode(), bytes }
}
