import type { App } from './app.ts'
import type { ChannelKind } from './channel-kind.ts'
import type { Connection, Member } from './connection.ts'
import { createEventCache, type EventCache } from './event-cache.ts'
import { eventFrame } from './frames.ts'

/** A channel that somebody is subscribed to. */
export interface Channel {
  readonly name: string
  readonly kind: ChannelKind
  readonly subscribers: Set<Connection>
  /** By user id, each with the number of their connections. */
  readonly members: Map<string, { readonly member: Member; connections: number }>
}

/** The occupied channels: who is on them and what goes out on them. */
export interface Channels {
  readonly cache: EventCache
  get(name: string): Channel | undefined
  all(): Iterable<Channel>
  /** Adds a connection that was let in and tells all who must know. */
  add(connection: Connection, name: string, kind: ChannelKind, member: Member | undefined): void
  remove(connection: Connection, name: string): void
  /** Sends a frame to all subscribers but one. */
  publish(name: string, frame: string, except?: string): void
}

export const createChannels = (app: App): Channels => {
  const { webhooks, faults } = app
  const channels = new Map<string, Channel>()
  const cache = createEventCache(app.limits.cacheTtl, app.now)

  const occupy = (name: string, kind: ChannelKind): Channel => {
    const channel: Channel = { name, kind, subscribers: new Set(), members: new Map() }
    channels.set(name, channel)
    if (kind.access !== 'user') webhooks.add({ name: 'channel_occupied', channel: name })
    return channel
  }
  const vacate = ({ name, kind }: Channel) => {
    channels.delete(name)
    if (kind.access !== 'user') webhooks.add({ name: 'channel_vacated', channel: name })
  }
  const broadcast = (channel: Channel, frame: string, except?: Connection) => {
    for (const subscriber of channel.subscribers) if (subscriber !== except) subscriber.link.send(frame)
  }
  const enter = (channel: Channel, member: Member, connection: Connection) => {
    const present = channel.members.get(member.id)
    if (present) {
      present.connections += 1
      return
    }
    channel.members.set(member.id, { member, connections: 1 })
    const data = { user_id: member.id, user_info: member.info }
    broadcast(channel, eventFrame('pusher_internal:member_added', data, channel.name), connection)
    webhooks.add({ name: 'member_added', channel: channel.name, user_id: member.id })
  }
  const leave = (channel: Channel, { id }: Member) => {
    const present = channel.members.get(id)
    if (!present) return
    present.connections -= 1
    if (present.connections > 0) return
    channel.members.delete(id)
    broadcast(channel, eventFrame('pusher_internal:member_removed', { user_id: id }, channel.name))
    webhooks.add({ name: 'member_removed', channel: channel.name, user_id: id })
  }
  const count = (channel: Channel) => {
    const { access } = channel.kind
    if (!app.countsSubscriptions || access === 'presence' || access === 'user') return
    const data = { subscription_count: channel.subscribers.size }
    broadcast(channel, eventFrame('pusher_internal:subscription_count', data, channel.name))
    webhooks.add({ name: 'subscription_count', channel: channel.name, ...data })
  }
  const replay = (connection: Connection, name: string) => {
    const cached = cache.get(name)
    connection.link.send(cached?.frame ?? eventFrame('pusher:cache_miss', '{}', name))
    if (!cached) webhooks.add({ name: 'cache_miss', channel: name })
  }
  return {
    cache,
    get: (name) => channels.get(name),
    all: () => channels.values(),
    add: (connection, name, kind, member) => {
      const channel = channels.get(name) ?? occupy(name, kind)
      channel.subscribers.add(connection)
      connection.channels.set(name, member)
      if (member) enter(channel, member, connection)
      const data = member ? presenceOf(channel) : {}
      connection.link.send(eventFrame('pusher_internal:subscription_succeeded', data, name))
      count(channel)
      if (kind.cache) replay(connection, name)
    },
    remove: (connection, name) => {
      const channel = channels.get(name)
      const member = connection.channels.get(name)
      connection.channels.delete(name)
      if (!channel?.subscribers.delete(connection)) return
      if (member) leave(channel, member)
      if (channel.subscribers.size === 0) vacate(channel)
      else count(channel)
    },
    publish: (name, frame, except) => {
      if (faults.takeLoss()) return
      for (const { id, link } of channels.get(name)?.subscribers ?? [])
        if (id !== except && !faults.takeLossFor(id)) link.send(frame)
    },
  }
}

/** What a newcomer learns of a presence channel. */
const presenceOf = ({ members }: Channel) => {
  const present = [...members.values()].map(({ member }) => member)
  return {
    presence: {
      ids: present.map(({ id }) => id),
      hash: Object.fromEntries(present.map(({ id, info }) => [id, info])),
      count: present.length,
    },
  }
}
