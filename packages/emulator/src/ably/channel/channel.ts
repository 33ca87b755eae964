import { createRate, type Rate } from '../../shared/rate.ts'
import type { AblyLimits } from '../ably-limits.ts'
import { createOutgoing, type Outgoing } from '../protocol/codec.ts'
import { ACTION, MODE } from '../protocol/frame.ts'
import type { Item } from '../protocol/item.ts'
import { createMessageLog, type LogEntry, type MessageLog } from './message-log.ts'
import { createRecentIds, type RecentIds } from './recent-ids.ts'
import type { Point, Serials } from './serials.ts'

/** A connection as a channel sees it. */
export interface Subscriber {
  readonly id: string
  /** Whether it wants its own messages back. */
  readonly echo: boolean
  send(outgoing: Outgoing): void
}

export interface Attachment {
  readonly subscriber: Subscriber
  /** The granted modes, as the bits of ATTACHED's flags. */
  readonly modes: number
  /** Those that were asked for: a later token may grant more of them. */
  readonly asked: number
}

export interface Channel {
  readonly name: string
  /** By connection id. */
  readonly attachments: Map<string, Attachment>
  /** By connection id and client id, in the order in which they came. */
  readonly members: Map<string, Item>
  readonly messages: MessageLog
  readonly presence: MessageLog
  readonly ids: RecentIds
  readonly rate: Rate
  /** Takes messages into the log and sends them to the subscribers. */
  publish(point: Point, items: readonly Item[], from: string | undefined): void
  /** The same for presence messages. */
  announce(items: readonly Item[]): void
  /** Nobody is here and nothing is kept: it can be forgotten. */
  isIdle(): boolean
}

export interface ChannelContext {
  readonly limits: AblyLimits
  readonly now: () => number
  readonly serials: Serials
  /** Whether a fault keeps the next publish from everybody. */
  readonly takeLoss: () => boolean
  /** Whether a fault keeps it from this connection. */
  readonly takeLossFor: (connection: string) => boolean
}

export const createChannel = (name: string, context: ChannelContext): Channel => {
  const { limits, now, serials } = context
  const attachments = new Map<string, Attachment>()
  const members = new Map<string, Item>()
  const messages = createMessageLog(limits, now, serials.last.seq)
  const presence = createMessageLog(limits, now, serials.last.seq)
  const ids = createRecentIds(now)
  const fanOut = (mode: number, outgoing: Outgoing, mayGet: (subscriber: Subscriber) => boolean) => {
    for (const { subscriber, modes } of attachments.values())
      if (modes & mode && mayGet(subscriber)) subscriber.send(outgoing)
  }
  return {
    name,
    attachments,
    members,
    messages,
    presence,
    ids,
    rate: createRate(limits.channelRate, now),
    publish: (point, items, from) => {
      if (context.takeLoss()) return
      const entry = { point, items }
      messages.append(entry)
      fanOut(
        MODE.subscribe,
        createOutgoing(messageFrame(name, serials, entry)),
        ({ id, echo }) => (echo || id !== from) && !context.takeLossFor(id),
      )
    },
    announce: (items) => {
      const point = serials.next()
      presence.append({ point, items })
      const frame = {
        action: ACTION.presence,
        channel: name,
        channelSerial: serials.format(point),
        timestamp: point.timestamp,
        presence: items,
      }
      fanOut(MODE.presenceSubscribe, createOutgoing(frame), () => true)
    },
    isIdle: () =>
      attachments.size === 0 &&
      members.size === 0 &&
      messages.entries().length === 0 &&
      presence.entries().length === 0,
  }
}

export const messageFrame = (name: string, serials: Serials, { point, items }: LogEntry) => ({
  action: ACTION.message,
  channel: name,
  channelSerial: serials.format(point),
  timestamp: point.timestamp,
  messages: items,
})
