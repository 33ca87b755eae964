import { AblyError } from '../ably-error.ts'
import type { AblyLimits } from '../ably-limits.ts'
import { allows, type Capability } from '../auth/capability.ts'
import { type Item, type SentItem, sizeOf } from '../protocol/item.ts'
import type { Channel } from './channel.ts'
import type { Serials } from './serials.ts'

export interface Publisher {
  readonly capability: Capability
  /** `*` may name anybody, undefined nobody. */
  readonly clientId: string | undefined
  readonly connectionId: string | undefined
  /** Message ids are this and the index, where the client gave none. */
  readonly idBase: string
}

/**
 * One publish, from a connection or over REST: all of its messages or none.
 *
 * @returns the messages' serials; those of the first time for a repeated publish
 * @throws AblyError 40160, 40009, 40012, 40031, 42913 and 40000 for updates and the like
 */
export const publish = (
  channel: Channel,
  sent: readonly SentItem[],
  publisher: Publisher,
  limits: AblyLimits,
  serials: Serials,
): readonly string[] => {
  if (!allows(publisher.capability, channel.name, 'publish'))
    throw new AblyError(40160, `publishing to ${channel.name} is not permitted with provided capability`)
  checkSize(sent, limits)
  const clientIds = sent.map((item) => clientIdOf(item, publisher.clientId))
  for (const { action } of sent)
    if (action) throw new AblyError(40000, 'the emulator does not update, delete or append to messages')
  const id = ownId(sent)
  const before = id === undefined ? undefined : channel.ids.get(id)
  if (before) return before
  if (!channel.rate.take(sent.length)) throw new AblyError(42913, `rate of channel ${channel.name} exceeded`)
  const point = serials.next()
  const { timestamp } = point
  const items: Item[] = sent.map(({ connectionKey: _, ...item }, index) => {
    const serial = serials.ofMessage(point, index)
    const clientId = clientIds[index]
    return {
      ...item,
      id: item.id ?? `${publisher.idBase}:${index}`,
      ...(clientId === undefined ? {} : { clientId }),
      ...(publisher.connectionId === undefined ? {} : { connectionId: publisher.connectionId }),
      timestamp,
      action: 0,
      serial,
      version: { serial, timestamp },
    }
  })
  const answer = items.map(({ serial }) => serial!)
  if (id !== undefined) channel.ids.set(id, answer)
  channel.publish(point, items, publisher.connectionId)
  return answer
}

/** @throws AblyError 40009 */
export const checkSize = (items: readonly SentItem[], { maxMessageSize }: AblyLimits) => {
  const size = items.reduce((sum, item) => sum + sizeOf(item), 0)
  if (size > maxMessageSize)
    throw new AblyError(40009, `maximum message length exceeded: ${size} bytes, limit ${maxMessageSize}`)
}

/**
 * Whom an item is from.
 *
 * @throws AblyError 40012 when it names somebody that its sender may not be
 */
export const clientIdOf = ({ clientId }: SentItem, own: string | undefined): string | undefined => {
  if (clientId === undefined) return own === '*' ? undefined : own
  if (clientId === '' || clientId === '*') throw new AblyError(40012, `invalid client id: "${clientId}"`)
  if (own !== '*' && own !== clientId)
    throw new AblyError(40012, `client id ${clientId} is not the sender's (${own ?? 'none'})`)
  return clientId
}

/** The id by which a repetition is known: of a batch, ids must be one base and `:0`, `:1` and so on (RSL1k). */
const ownId = (items: readonly SentItem[]): string | undefined => {
  const first = items[0]?.id
  if (items.every(({ id }) => id === undefined)) return undefined
  if (items.length === 1) return first
  const base = first?.endsWith(':0') ? first.slice(0, -1) : undefined
  if (base === undefined || items.some(({ id }, index) => id !== `${base}${index}`))
    throw new AblyError(40031, 'the ids of a batch must share one base and count up from :0')
  return first
}
