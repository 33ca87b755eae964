import { SynclineError } from '@syncline/core'

const tooLarge = (maxBytes: number): SynclineError =>
  new SynclineError('too-large', { detail: `At most ${maxBytes} bytes are taken.` })

/** True when the request itself says that its body is larger than allowed. */
export const declaresMoreThan = (request: Request, maxBytes: number): boolean =>
  Number(request.headers.get('content-length') ?? 0) > maxBytes

const readBytes = async (body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array[]> => {
  const reader = body.getReader()
  const chunks: Uint8Array[] = []
  let left = maxBytes
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return chunks
    left -= value.byteLength
    if (left < 0) {
      await reader.cancel()
      throw tooLarge(maxBytes)
    }
    chunks.push(value)
  }
}

const decode = (chunks: readonly Uint8Array[]): string => {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  for (const chunk of chunks) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}

/**
 * A request's body as JSON, read no further than `maxBytes`; `bytes` is its size. What it holds is not checked.
 * Throws `too-large`; `malformed-frame` for what is not UTF-8 or not JSON.
 */
export const readJson = async (
  request: Request,
  maxBytes: number,
): Promise<{ readonly value: unknown; readonly bytes: number }> => {
  if (declaresMoreThan(request, maxBytes)) {
    await request.body?.cancel()
    throw tooLarge(maxBytes)
  }
  const chunks = request.body ? await readBytes(request.body, maxBytes) : []
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
  try {
    return { value: JSON.parse(decode(chunks)), bytes }
  } catch (cause) {
    throw new SynclineError('malformed-frame', { detail: 'The body is not JSON.', cause })
  }
}
