import type { IncomingMessage, ServerResponse } from 'node:http'
import { type AblyError, toWireError } from '../ably-error.ts'
import { encodeBody, type Format, forFormat } from '../protocol/codec.ts'
import type { Item } from '../protocol/item.ts'
import { answerFormat } from './request.ts'

/** What a route answers. */
export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The body, or instead of it items, which look different in each format. */
  readonly body?: unknown
  readonly items?: readonly Item[]
}

/** Web pages of any origin may call, as they may call Ably. */
export const CORS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': '*, authorization',
  'access-control-expose-headers': 'link, x-ably-errorcode, x-ably-errormessage',
  'access-control-max-age': '600',
}

export const errorAnswer = (error: AblyError): Answer => ({
  status: error.statusCode,
  headers: {
    'x-ably-errorcode': String(error.code),
    // A header takes no line breaks and no characters beyond Latin-1.
    'x-ably-errormessage': encodeURI(error.message).replaceAll('%20', ' '),
  },
  body: { error: toWireError(error) },
})

/** Writes an answer in the format that was asked for; in an envelope, where a client cannot read headers. */
export const sendAnswer = (request: IncomingMessage, response: ServerResponse, answer: Answer) => {
  const format = answerFormat(request)
  const { status = 200, headers = {}, items, body = items && forFormat(items, format) } = answer
  const enveloped = new URL(request.url ?? '/', 'http://emulator').searchParams.has('envelope')
  const payload = enveloped ? { statusCode: status, headers, response: body } : body
  const bytes = Buffer.from(encodeBody(payload, format))
  response.writeHead(enveloped ? 200 : status, {
    ...CORS,
    ...headers,
    'content-type': contentTypes[format],
    'content-length': bytes.byteLength,
  })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** The SDK compares them as a whole, so they carry no parameters. */
const contentTypes: Readonly<Record<Format, string>> = {
  json: 'application/json',
  msgpack: 'application/x-msgpack',
}
