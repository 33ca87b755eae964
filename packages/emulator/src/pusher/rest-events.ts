import type { App } from './app.ts'
import { channelKind } from './channel-kind.ts'
import type { Channels } from './channels.ts'
import { eventFrame, parseObject } from './frames.ts'
import { badRequest, RestFailure } from './rest-failure.ts'
import { channelInfo } from './rest-queries.ts'

/** An event that passed all checks. */
interface Trigger {
  readonly name: string
  readonly data: string
  readonly channels: readonly string[]
  readonly except: string | undefined
  readonly info: string | undefined
}

/** `POST /events`: one event on up to 100 channels. */
export const trigger = (app: App, channels: Channels, body: Record<string, unknown>): object => {
  const names = body.channels ?? body.channel
  const event = readTrigger(app, body, Array.isArray(names) ? names : [names])
  const { info } = event
  const infos = event.channels.map((name) => [name, channelInfo(channels, name, info)] as const)
  send(channels, event)
  return info ? { channels: Object.fromEntries(infos) } : {}
}

/** `POST /batch_events`: up to 10 events, each on one channel; none goes out if one of them is wrong. */
export const triggerBatch = (app: App, channels: Channels, body: Record<string, unknown>): object => {
  const { batch } = body
  if (!Array.isArray(batch)) throw badRequest('batch must be an array of events')
  if (batch.length > app.limits.batch) throw badRequest(`A batch may have ${app.limits.batch} events at most`)
  const events = batch.map((item) => {
    const event = parseObject(item)
    if (!event) throw badRequest('Each event of a batch must be an object')
    return readTrigger(app, event, [event.channel])
  })
  const infos = events.map(({ channels: [name], info }) => channelInfo(channels, name!, info))
  for (const event of events) send(channels, event)
  return events.some(({ info }) => info) ? { batch: infos } : {}
}

const readTrigger = (
  { limits }: App,
  event: Record<string, unknown>,
  channels: readonly unknown[],
): Trigger => {
  const { name, data, socket_id: except, info } = event
  if (typeof name !== 'string' || name === '') throw badRequest('An event needs a name')
  if (name.length > limits.eventName)
    throw badRequest(`An event's name may have ${limits.eventName} characters at most`)
  if (/^pusher(_internal)?:/.test(name)) throw badRequest('Names that start with pusher: are reserved')
  if (typeof data !== 'string') throw badRequest('data must be a string')
  if (Buffer.byteLength(data) > limits.eventBytes)
    throw new RestFailure(
      413,
      `The data content of this event exceeds the allowed maximum (${limits.eventBytes} bytes)`,
    )
  if (channels.length === 0) throw badRequest('An event needs a channel')
  if (channels.length > limits.channelsPerTrigger)
    throw badRequest(`An event may go to ${limits.channelsPerTrigger} channels at most`)
  for (const channel of channels)
    if (!channelKind(channel)) throw badRequest(`Invalid channel name: ${String(channel).slice(0, 200)}`)
  if (except !== undefined && (typeof except !== 'string' || !/^\d+\.\d+$/.test(except)))
    throw badRequest('socket_id must be two numbers with a dot')
  if (info !== undefined && typeof info !== 'string') throw badRequest('info must be a string')
  return { name, data, channels: channels as string[], except, info }
}

const send = (channels: Channels, { name, data, channels: names, except }: Trigger) => {
  for (const channel of names) {
    const frame = eventFrame(name, data, channel)
    if (channelKind(channel)?.cache) channels.cache.set(channel, frame, data)
    channels.publish(channel, frame, except)
  }
}
