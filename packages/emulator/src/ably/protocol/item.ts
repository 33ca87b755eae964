import { AblyError } from '../ably-error.ts'
import { checkExtras } from './extras.ts'

/** A message or a presence message; bytes are bytes here, whatever format brought them. */
export interface Item {
  readonly id?: string
  readonly name?: string
  readonly clientId?: string
  readonly connectionId?: string
  readonly timestamp?: number
  readonly data?: string | Uint8Array
  readonly encoding?: string
  readonly extras?: Readonly<Record<string, unknown>>
  /** Messages: 0, created. Presence: 1 present, 2 enter, 3 leave, 4 update. */
  readonly action?: number
  readonly serial?: string
  readonly version?: { readonly serial: string; readonly timestamp: number }
}

/** An item as a client sent it. */
export type SentItem = Pick<Item, 'id' | 'name' | 'clientId' | 'data' | 'encoding' | 'extras' | 'action'> & {
  readonly connectionKey?: string
}

/**
 * @param bodies one item or a list of them
 * @throws AblyError 40001, 40012, 40013, 40016, 40031 or 40032, by what is wrong
 */
export const readItems = (bodies: unknown): readonly SentItem[] => {
  const list = Array.isArray(bodies) ? bodies : [bodies]
  if (list.length === 0) throw new AblyError(40001, 'nothing to publish')
  return list.map(readItem)
}

/** Ably's measure of a message: name, client id, extras and data (TM6). */
export const sizeOf = (item: SentItem): number =>
  (item.name ? Buffer.byteLength(item.name) : 0) +
  (item.clientId ? Buffer.byteLength(item.clientId) : 0) +
  (item.extras ? Buffer.byteLength(JSON.stringify(item.extras)) : 0) +
  (typeof item.data === 'string' ? Buffer.byteLength(item.data) : (item.data?.byteLength ?? 0))

export const toJsonItem = (item: Item): Item => {
  const { data, encoding } = item
  if (data === undefined || typeof data === 'string') return item
  return {
    ...item,
    data: Buffer.from(data).toString('base64'),
    encoding: encoding ? `${encoding}/base64` : 'base64',
  }
}

const readItem = (body: unknown): SentItem => {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || body instanceof Uint8Array)
    throw new AblyError(40001, 'a message is not an object')
  const raw = body as Record<string, unknown>
  const { action } = raw
  if (action !== undefined && action !== null && typeof action !== 'number')
    throw new AblyError(40001, 'action must be a number')
  const id = text(raw.id, 40031, 'id')
  const name = text(raw.name, 40016, 'name')
  const clientId = text(raw.clientId, 40012, 'clientId')
  const connectionKey = text(raw.connectionKey, 40006, 'connectionKey')
  const extras = checkExtras(raw.extras)
  return {
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    ...(clientId !== undefined && { clientId }),
    ...(connectionKey !== undefined && { connectionKey }),
    ...(typeof action === 'number' && { action }),
    ...(extras && { extras }),
    ...readData(raw.data, text(raw.encoding, 40013, 'encoding')),
  }
}

const text = (value: unknown, code: number, field: string): string | undefined => {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw new AblyError(code, `${field} must be a string`)
  return value
}

const readData = (data: unknown, encoding: string | undefined): Pick<SentItem, 'data' | 'encoding'> => {
  if (data === undefined || data === null) return {}
  if (data instanceof Uint8Array) return { data, ...(encoding ? { encoding } : {}) }
  if (typeof data === 'string') {
    const [, inner] = /^(?:(.*)\/)?base64$/.exec(encoding ?? '') ?? ([] as undefined[])
    if (encoding === undefined || !/(^|\/)base64$/.test(encoding))
      return { data, ...(encoding ? { encoding } : {}) }
    return { data: Buffer.from(data, 'base64'), ...(inner ? { encoding: inner } : {}) }
  }
  // Over REST, JSON may also stand there as it is.
  if (typeof data === 'object')
    return { data: JSON.stringify(data), encoding: encoding ? `${encoding}/json` : 'json' }
  throw new AblyError(40013, 'data must be a string, bytes, an object or an array')
}
