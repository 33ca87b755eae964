import { randomUUID } from 'node:crypto'
import { AblyError } from '../ably-error.ts'
import type { AblyLimits } from '../ably-limits.ts'
import { ACTION, type Frame } from '../protocol/frame.ts'
import type { Item, SentItem } from '../protocol/item.ts'
import type { Channel } from './channel.ts'
import { checkSize, clientIdOf } from './publish.ts'

/** What a presence message does (TP2). */
export const PRESENCE = { present: 1, enter: 2, leave: 3, update: 4 } as const

/** Members in one SYNC frame. */
const SYNC_PAGE = 100

export interface Enterer {
  readonly connectionId: string
  /** `*` may name anybody. */
  readonly clientId: string | undefined
  /** Base of the ids: connection and msgSerial, by which clients tell newer from older. */
  readonly idBase: string
}

/** @throws AblyError 91000 without a client id, 40012 for another's, 40003, 40009, 91003 */
export const applyPresence = (
  channel: Channel,
  sent: readonly SentItem[],
  by: Enterer,
  limits: AblyLimits,
  now: () => number,
) => {
  checkSize(sent, limits)
  const items = sent.map((item, index) => toMember(item, index, by, now()))
  const coming = new Set(items.filter(({ action }) => action !== PRESENCE.leave).map(keyOf))
  for (const key of channel.members.keys()) coming.add(key)
  if (coming.size > Math.max(limits.presenceMembers, channel.members.size))
    throw new AblyError(91003, 'unable to enter presence channel (maximum member limit exceeded)')
  const changes = items.flatMap((item) => change(channel.members, item))
  if (changes.length > 0) channel.announce(changes)
}

/** Lets all members of a connection leave, as Ably does for those whose connection is gone. */
export const leaveAll = (channel: Channel, connectionId: string, now: () => number) => {
  const leaving = [...channel.members.values()].filter((member) => member.connectionId === connectionId)
  for (const member of leaving) channel.members.delete(keyOf(member))
  if (leaving.length === 0) return
  channel.announce(
    // An id that does not begin with the connection's tells clients that the member did not say so itself (RTP2b1).
    leaving.map((member, index) => ({
      ...member,
      id: `${randomUUID()}:0:${index}`,
      action: PRESENCE.leave,
      timestamp: now(),
    })),
  )
}

/** The SYNC frames that hand over all members, at least one. */
export const syncFrames = (channel: Channel, from = 0): readonly Frame[] => {
  const members = [...channel.members.values()].map((member) => ({ ...member, action: PRESENCE.present }))
  const id = randomUUID()
  const frames: Frame[] = []
  let next = from
  do {
    const presence = members.slice(next, next + SYNC_PAGE)
    next += SYNC_PAGE
    const cursor = next < members.length ? next : ''
    frames.push({ action: ACTION.sync, channel: channel.name, channelSerial: `${id}:${cursor}`, presence })
  } while (next < members.length)
  return frames
}

const keyOf = ({ connectionId, clientId }: Item) => `${connectionId}:${clientId}`

const toMember = (sent: SentItem, index: number, by: Enterer, timestamp: number): Item => {
  const { connectionKey: _, id, action, ...item } = sent
  const clientId = clientIdOf(sent, by.clientId)
  if (clientId === undefined) throw new AblyError(91000, 'unable to enter presence channel (no clientId)')
  if (action !== PRESENCE.enter && action !== PRESENCE.leave && action !== PRESENCE.update)
    throw new AblyError(40003, `no such presence action: ${action}`)
  return {
    ...item,
    // A member that comes again by itself sends the id that it had.
    id: id?.startsWith(`${by.connectionId}:`) ? id : `${by.idBase}:${index}`,
    clientId,
    connectionId: by.connectionId,
    timestamp,
    action,
  }
}

/** Entering twice is an update, updating before entering enters, leaving twice is nothing. */
const change = (members: Map<string, Item>, item: Item): readonly Item[] => {
  const key = keyOf(item)
  const before = members.get(key)
  if (item.action === PRESENCE.leave) {
    members.delete(key)
    return before ? [{ ...item, ...(item.data === undefined ? dataOf(before) : {}) }] : []
  }
  if (before?.id === item.id) return []
  members.set(key, item)
  return [{ ...item, action: before ? PRESENCE.update : PRESENCE.enter }]
}

const dataOf = ({ data, encoding }: Item): Pick<Item, 'data' | 'encoding'> => ({
  ...(data === undefined ? {} : { data }),
  ...(encoding === undefined ? {} : { encoding }),
})
