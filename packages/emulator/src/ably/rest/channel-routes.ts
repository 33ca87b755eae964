import { randomBytes } from 'node:crypto'
import { AblyError } from '../ably-error.ts'
import { allows } from '../auth/capability.ts'
import type { Principal } from '../auth/principal.ts'
import type { Channel } from '../channel/channel.ts'
import { PRESENCE } from '../channel/presence.ts'
import { publish } from '../channel/publish.ts'
import { resolveClientId } from '../connection/open-connection.ts'
import type { Emulated } from '../emulated.ts'
import { MODE } from '../protocol/frame.ts'
import { readItems, type SentItem } from '../protocol/item.ts'
import type { Answer } from './answer.ts'
import { historyPage, page } from './page.ts'
import type { RestRequest } from './request.ts'

/** `/channels/{name}` and what is below it. */
export const channelRoute = async (
  emulated: Emulated,
  request: RestRequest,
  principal: Principal,
): Promise<Answer> => {
  const [, name = '', ...rest] = request.path
  const route = `${request.method} ${rest.join('/')}`
  const run = routes[route]
  if (!run) throw new AblyError(40400, `no such resource: ${request.method} /${request.path.join('/')}`)
  return run(emulated, emulated.channels.get(name), request, principal)
}

type Route = (
  emulated: Emulated,
  channel: Channel,
  request: RestRequest,
  principal: Principal,
) => Answer | Promise<Answer>

const need = (principal: Principal, channel: Channel, operation: string) => {
  if (!allows(principal.capability, channel.name, operation))
    throw new AblyError(40160, `${operation} on ${channel.name} is not permitted with provided capability`)
}

const routes: Readonly<Record<string, Route>> = {
  'POST messages': async (emulated, channel, request, principal) => ({
    status: 201,
    body: publishOver(emulated, channel, readItems(await request.body()), principal, request.clientId),
  }),
  'GET messages': ({ serials }, channel, { query }, principal) => {
    need(principal, channel, 'history')
    return historyPage(channel.messages.entries(), query, serials, 'messages')
  },
  'GET presence/history': ({ serials }, channel, { query }, principal) => {
    need(principal, channel, 'history')
    return historyPage(channel.presence.entries(), query, serials, 'history')
  },
  'GET presence': (_, channel, { query }, principal) => {
    need(principal, channel, 'subscribe')
    const matches = (name: 'clientId' | 'connectionId', value: string | undefined) =>
      !query.has(name) || query.get(name) === value
    const members = [...channel.members]
      .filter(
        ([, member]) => matches('clientId', member.clientId) && matches('connectionId', member.connectionId),
      )
      .map(([place, member]) => ({ place, item: { ...member, action: PRESENCE.present } }))
    return page(members, query, 'presence')
  },
  'GET ': (_, channel, __, principal) => {
    need(principal, channel, 'channel-metadata')
    return { body: statusOf(channel) }
  },
}

/** A publish over REST, possibly on behalf of a connection whose key it shows. */
export const publishOver = (
  { limits, serials, connections }: Emulated,
  channel: Channel,
  items: readonly SentItem[],
  principal: Principal,
  clientId: string | undefined,
) => {
  const key = items[0]?.connectionKey
  const connection = key === undefined ? undefined : connections.byKey(key)
  if (key !== undefined && !connection) throw new AblyError(40006, 'invalid connection id')
  const idBase = randomBytes(9).toString('base64url')
  const published = publish(
    channel,
    items,
    {
      capability: principal.capability,
      clientId: connection ? connection.clientId : resolveClientId(principal, clientId),
      connectionId: connection?.id,
      idBase,
    },
    limits,
    serials,
  )
  return { channel: channel.name, messageId: items[0]?.id ?? `${idBase}:0`, serials: published }
}

const statusOf = ({ name, attachments, members }: Channel) => {
  const count = (mode: number) => [...attachments.values()].filter(({ modes }) => modes & mode).length
  return {
    channelId: name,
    status: {
      isActive: attachments.size > 0,
      occupancy: {
        metrics: {
          connections: attachments.size,
          presenceConnections: count(MODE.presence),
          presenceMembers: members.size,
          presenceSubscribers: count(MODE.presenceSubscribe),
          publishers: count(MODE.publish),
          subscribers: count(MODE.subscribe),
        },
      },
    },
  }
}
