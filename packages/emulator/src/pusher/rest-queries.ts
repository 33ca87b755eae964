import { channelKind } from './channel-kind.ts'
import type { Channels } from './channels.ts'
import { badRequest } from './rest-failure.ts'

/**
 * What `info` asks for about one channel.
 *
 * @throws RestFailure with 400 for an attribute that the channel does not have
 */
export const channelInfo = (channels: Channels, name: string, info: string | null | undefined): object => {
  const channel = channels.get(name)
  const kind = channelKind(name)
  const result: Record<string, unknown> = {}
  for (const attribute of attributes(info)) {
    if (attribute === 'subscription_count') result.subscription_count = channel?.subscribers.size ?? 0
    else if (attribute === 'user_count' && kind?.access === 'presence')
      result.user_count = channel?.members.size ?? 0
    else if (attribute === 'cache' && kind?.cache) result.cache = cached(channels, name)
    else throw badRequest(`The channel ${name} has no attribute ${attribute}`)
  }
  return result
}

/** `GET /channels`: those that are occupied. */
export const listChannels = (channels: Channels, query: URLSearchParams): object => {
  const prefix = query.get('filter_by_prefix') ?? ''
  const info = query.get('info')
  if (attributes(info).includes('user_count') && !prefix.startsWith('presence-'))
    throw badRequest('user_count needs filter_by_prefix to be presence-')
  const names = [...channels.all()]
    .map(({ name }) => name)
    .filter((name) => name.startsWith(prefix) && name[0] !== '#')
  return { channels: Object.fromEntries(names.map((name) => [name, channelInfo(channels, name, info)])) }
}

/** `GET /channels/<name>`. */
export const describeChannel = (channels: Channels, name: string, query: URLSearchParams): object => {
  if (!channelKind(name)) throw badRequest(`Invalid channel name: ${name.slice(0, 200)}`)
  return { occupied: channels.get(name) !== undefined, ...channelInfo(channels, name, query.get('info')) }
}

/** `GET /channels/<name>/users`: of a presence channel. */
export const listUsers = (channels: Channels, name: string): object => {
  if (channelKind(name)?.access !== 'presence')
    throw badRequest('Users can be listed for presence channels only')
  return { users: [...(channels.get(name)?.members.keys() ?? [])].map((id) => ({ id })) }
}

const attributes = (info: string | null | undefined) =>
  (info ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)

const cached = ({ cache }: Channels, name: string) => {
  const event = cache.get(name)
  return event && { data: event.data, ttl: Math.ceil(event.ttl / 1000) }
}
