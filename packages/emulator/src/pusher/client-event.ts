import type { Rate } from '../shared/rate.ts'
import type { App } from './app.ts'
import { channelKind } from './channel-kind.ts'
import type { Channels } from './channels.ts'
import type { Connection } from './connection.ts'
import { type ClientMessage, errorFrame } from './frames.ts'

/** Passes an event of a client on to the other subscribers, as long as its rate allows it. */
export const clientEvent = (
  app: App,
  channels: Channels,
  connection: Connection,
  message: ClientMessage,
  rate: Rate,
) => {
  const problem = check(app, connection, message)
  if (problem) return connection.link.send(errorFrame(null, `Client event rejected - ${problem}`))
  if (!rate.take(1)) return connection.link.send(errorFrame(4301, 'Client event rejected due to rate limit'))
  const { event, data } = message
  const channel = message.channel!
  const userId = connection.channels.get(channel)?.id
  const frame = JSON.stringify({ event, channel, data, ...(userId !== undefined && { user_id: userId }) })
  if (channelKind(channel)?.cache) channels.cache.set(channel, frame, asText(data))
  channels.publish(channel, frame, connection.id)
  app.webhooks.add({
    name: 'client_event',
    channel,
    event,
    data: asText(data),
    socket_id: connection.id,
    ...(userId !== undefined && { user_id: userId }),
  })
}

const check = ({ limits }: App, { channels }: Connection, { event, channel, data }: ClientMessage) => {
  if (!event.startsWith('client-')) return 'the name must start with client-'
  if (event.length > limits.eventName) return `the name may have ${limits.eventName} characters at most`
  const kind = channelKind(channel)
  if (kind?.access !== 'private' && kind?.access !== 'presence')
    return 'only supported on private and presence channels'
  if (kind.encrypted) return 'not supported on encrypted channels'
  if (!channels.has(channel!)) return `not subscribed to ${channel}`
  if (Buffer.byteLength(asText(data)) > limits.eventBytes)
    return `the data may have ${limits.eventBytes} bytes at most`
  return undefined
}

const asText = (data: unknown): string => (typeof data === 'string' ? data : (JSON.stringify(data) ?? ''))
