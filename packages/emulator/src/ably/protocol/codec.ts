import { decode, encode } from '@msgpack/msgpack'
import { AblyError } from '../ably-error.ts'
import type { ClientFrame, Frame } from './frame.ts'
import { type Item, toJsonItem } from './item.ts'

export type Format = 'json' | 'msgpack'

/** @throws AblyError 40001 when the bytes are not of that format */
export const decodeBody = (bytes: Uint8Array, format: Format): unknown => {
  try {
    return format === 'json'
      ? JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
      : decode(bytes)
  } catch {
    throw new AblyError(40001, `invalid body: not ${format}`)
  }
}

export const encodeBody = (body: unknown, format: Format): string | Uint8Array =>
  format === 'json' ? JSON.stringify(body) : encode(body, { ignoreUndefined: true })

/** Items as that format carries them: JSON has no bytes. */
export const forFormat = (items: readonly Item[], format: Format): readonly Item[] =>
  format === 'json' ? items.map(toJsonItem) : items

/** A frame that is encoded once for each format, whatever the number of those who get it. */
export interface Outgoing {
  bytes(format: Format): string | Uint8Array
}

export const createOutgoing = (frame: Frame): Outgoing => {
  const encoded: { [format in Format]?: string | Uint8Array } = {}
  return {
    bytes: (format) => {
      encoded[format] ??= encodeBody(
        {
          ...frame,
          ...(frame.messages && { messages: forFormat(frame.messages, format) }),
          ...(frame.presence && { presence: forFormat(frame.presence, format) }),
        },
        format,
      )
      return encoded[format]
    },
  }
}

/** @throws AblyError 80013 when it is not a protocol message */
export const decodeFrame = (bytes: Uint8Array, format: Format): ClientFrame => {
  let body: unknown
  try {
    body = decodeBody(bytes, format)
  } catch {
    throw new AblyError(80013, `protocol error: a frame is not ${format}`)
  }
  if (typeof body !== 'object' || body === null) throw new AblyError(80013, 'protocol error: not an object')
  const raw = body as Record<string, unknown>
  if (typeof raw.action !== 'number') throw new AblyError(80013, 'protocol error: no action')
  const auth = raw.auth
  return {
    action: raw.action,
    id: text(raw.id),
    channel: text(raw.channel),
    channelSerial: text(raw.channelSerial),
    msgSerial: number(raw.msgSerial),
    flags: number(raw.flags) ?? 0,
    params: record(raw.params),
    messages: raw.messages,
    presence: raw.presence,
    accessToken: record(auth).accessToken,
  }
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined)

const number = (value: unknown) => (Number.isSafeInteger(value) ? (value as number) : undefined)

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
