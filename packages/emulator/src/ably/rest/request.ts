import type { IncomingMessage } from 'node:http'
import { readBody } from '../../shared/read-body.ts'
import { AblyError } from '../ably-error.ts'
import type { Credentials } from '../auth/authenticator.ts'
import { decodeBody, type Format } from '../protocol/codec.ts'

/** Bytes of a request's body that are read; what is larger is refused. */
const MAX_BODY = 1024 * 1024

export interface RestRequest {
  readonly method: string
  /** The decoded segments of the path. */
  readonly path: readonly string[]
  readonly query: URLSearchParams
  readonly credentials: Credentials
  /** From the header of clients that use a key and have a name. */
  readonly clientId: string | undefined
  /** @throws AblyError 40001 or 40009 */
  body(): Promise<unknown>
}

/** @throws AblyError 40000 for a path that cannot be decoded */
export const readRequest = (request: IncomingMessage): RestRequest => {
  const url = new URL(request.url ?? '/', 'http://emulator')
  const query = url.searchParams
  const { authorization } = request.headers
  return {
    method: request.method ?? 'GET',
    path: url.pathname.split('/').slice(1).map(decodeSegment),
    query,
    credentials: readCredentials(authorization, query),
    clientId: header(request, 'x-ably-clientid', (value) => Buffer.from(value, 'base64').toString()),
    body: async () => {
      const bytes = await readBody(request, MAX_BODY)
      if (bytes === 'too-large') throw new AblyError(40009, 'maximum message length exceeded by a request')
      return decodeBody(bytes, formatNamed(request.headers['content-type']))
    },
  }
}

/** How the answer is to be written. */
export const answerFormat = (request: IncomingMessage): Format => {
  const { searchParams } = new URL(request.url ?? '/', 'http://emulator')
  return formatNamed(searchParams.get('format') ?? searchParams.get('envelope') ?? request.headers.accept)
}

const formatNamed = (text: string | undefined): Format => (text?.includes('msgpack') ? 'msgpack' : 'json')

const readCredentials = (authorization: string | undefined, query: URLSearchParams): Credentials => {
  const [, scheme = '', value = ''] = /^(\w+)\s+(\S+)$/.exec(authorization ?? '') ?? []
  if (/^basic$/i.test(scheme)) return { key: fromBase64(value) }
  // A JWT may also stand there as it is; its dots cannot be base64.
  if (/^bearer$/i.test(scheme)) return { token: value.includes('.') ? value : fromBase64(value) }
  return { key: query.get('key') ?? undefined, token: query.get('access_token') ?? undefined }
}

const header = <T>(request: IncomingMessage, name: string, read: (value: string) => T): T | undefined => {
  const value = request.headers[name]
  return typeof value === 'string' ? read(value) : undefined
}

const fromBase64 = (text: string) => Buffer.from(text, 'base64').toString()

const decodeSegment = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new AblyError(40000, 'bad request: the path is not percent-encoded')
  }
}
