import { AblyError } from '../ably-error.ts'
import type { LogEntry } from '../channel/message-log.ts'
import type { Serials } from '../channel/serials.ts'
import type { Item } from '../protocol/item.ts'
import type { Answer } from './answer.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

/**
 * A page of what a log holds, newest first unless `direction=forwards`; `Link` leads to the next.
 *
 * @throws AblyError 40003 for a parameter that cannot be taken
 */
export const historyPage = (
  entries: readonly LogEntry[],
  query: URLSearchParams,
  serials: Serials,
  resource: string,
): Answer => {
  const start = readNumber(query, 'start') ?? 0
  const end = readNumber(query, 'end') ?? Number.POSITIVE_INFINITY
  if (start > end) throw new AblyError(40003, 'start must not be after end')
  const until = readUntil(query, serials)
  const forwards = readDirection(query)
  const chosen: Placed[] = []
  for (const { point, items } of entries) {
    if (point.seq > until || point.timestamp < start || point.timestamp > end) continue
    for (const [index, item] of items.entries()) chosen.push({ place: `${point.seq}.${index}`, item })
  }
  if (!forwards) chosen.reverse()
  return page(chosen, query, resource)
}

interface Placed {
  /** Where the page begins that starts with this item. */
  readonly place: string
  readonly item: Item
}

/** @param all in the order in which they are handed out */
export const page = (all: readonly Placed[], query: URLSearchParams, resource: string): Answer => {
  const limit = readNumber(query, 'limit') ?? DEFAULT_LIMIT
  if (limit < 1 || limit > MAX_LIMIT) throw new AblyError(40003, `limit must be between 1 and ${MAX_LIMIT}`)
  const cursor = query.get('cursor')
  const from = cursor === null ? 0 : all.findIndex(({ place }) => place === cursor)
  // What the cursor pointed at is not kept any more, nor is what is older.
  const items = from < 0 ? [] : all.slice(from, from + limit)
  const next = from < 0 ? undefined : all[from + limit]
  const link = (rel: string, place: string | undefined) => {
    const params = new URLSearchParams(query)
    params.delete('cursor')
    params.delete('envelope')
    params.set('limit', String(limit))
    if (place !== undefined) params.set('cursor', place)
    return `<./${resource}?${params}>; rel="${rel}"`
  }
  const links = [link('first', undefined), link('current', cursor ?? undefined)]
  if (next) links.push(link('next', next.place))
  return { items: items.map(({ item }) => item), headers: { link: links.join(', ') } }
}

const readNumber = (query: URLSearchParams, name: string): number | undefined => {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new AblyError(40003, `${name} must be a whole number`)
  return value
}

const readDirection = (query: URLSearchParams): boolean => {
  const direction = query.get('direction') ?? 'backwards'
  if (direction !== 'forwards' && direction !== 'backwards')
    throw new AblyError(40003, 'direction must be forwards or backwards')
  return direction === 'forwards'
}

/** `untilAttach` of the SDK: nothing after the serial of its attach. */
const readUntil = (query: URLSearchParams, serials: Serials): number => {
  const serial = query.get('from_serial') ?? query.get('fromSerial')
  if (serial === null) return Number.POSITIVE_INFINITY
  const seq = serials.parse(serial)
  if (seq === undefined) throw new AblyError(40003, 'from_serial is not a serial of this channel')
  return seq
}
