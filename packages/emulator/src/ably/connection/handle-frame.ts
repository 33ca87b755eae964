import { AblyError, toAblyError, toWireError } from '../ably-error.ts'
import { allows } from '../auth/capability.ts'
import { attachFrames, grantModes } from '../channel/attach.ts'
import { checkChannelName } from '../channel/channels.ts'
import { applyPresence, syncFrames } from '../channel/presence.ts'
import { publish } from '../channel/publish.ts'
import type { Emulated } from '../emulated.ts'
import { decodeFrame } from '../protocol/codec.ts'
import { ACTION, ALL_MODES, type ClientFrame, type Frame, MODE } from '../protocol/frame.ts'
import { readItems } from '../protocol/item.ts'
import type { Connection } from './connection.ts'
import { readModes } from './read-modes.ts'
import { detach, reauthorize } from './reauthorize.ts'

type Handler = (emulated: Emulated, connection: Connection, frame: ClientFrame) => void

/** Answers one frame of a client; nothing that it may hold goes without an answer, or ends the emulator. */
export const handleFrame = (emulated: Emulated, connection: Connection, bytes: Uint8Array) => {
  let frame: ClientFrame | undefined
  try {
    frame = decodeFrame(bytes, connection.format)
    const handler = handlers[frame.action]
    if (!handler) throw new AblyError(80013, `protocol error: action ${frame.action} is not supported`)
    handler(emulated, connection, frame)
  } catch (thrown) {
    refuse(emulated, connection, frame, toAblyError(thrown))
  }
}

/** NACK for what has a serial, an error of the channel for what has a channel; anything else fails the connection. */
const refuse: (...args: [Emulated, Connection, ClientFrame | undefined, AblyError]) => void = (
  emulated,
  connection,
  frame,
  error,
) => {
  const { channel, msgSerial } = frame ?? {}
  if (msgSerial !== undefined)
    answer(connection, msgSerial, { action: ACTION.nack, msgSerial, count: 1, error: toWireError(error) })
  else if (channel !== undefined && error.code !== 80013)
    connection.reply({ action: ACTION.error, channel, error: toWireError(error) })
  else emulated.connections.fail(connection, error)
}

const answer = (connection: Connection, msgSerial: number, frame: Frame) => {
  connection.answers.set(msgSerial, frame)
  connection.reply(frame)
}

const attach: Handler = (emulated, connection, { channel: named, flags, params, channelSerial }) => {
  const { limits, channels, serials, now } = emulated
  const name = checkChannelName(named)
  const asked = flags & ALL_MODES || readModes(params.modes)
  const modes = grantModes(connection.principal.capability, name, asked)
  if (!connection.attached.has(name) && connection.attached.size >= limits.channelsPerConnection)
    throw new AblyError(90010, 'maximum number of channels per connection exceeded')
  const channel = channels.get(name)
  const frames = attachFrames(
    channel,
    {
      modes,
      channelSerial,
      params: plainParams(params),
      continues: connection.attached.has(name),
      expiredBefore: connection.expiredBefore,
    },
    serials,
    now,
  )
  channel.attachments.set(connection.id, { subscriber: connection, modes, asked })
  connection.attached.set(name, channel)
  for (const frame of frames) connection.reply(frame)
}

const message: Handler = (emulated, connection, frame) => {
  const msgSerial = once(connection, frame)
  if (msgSerial === undefined) return
  const { channels, limits, serials } = emulated
  const name = checkChannelName(frame.channel)
  const attachment = connection.attached.get(name)?.attachments.get(connection.id)
  const items = readItems(frame.messages)
  takeRate(connection, items.length)
  const { id, clientId, principal } = connection
  const publisher = {
    capability: principal.capability,
    clientId,
    connectionId: id,
    idBase: `${id}:${msgSerial}`,
  }
  if (allows(principal.capability, name, 'publish') && attachment && !(attachment.modes & MODE.publish))
    throw new AblyError(40160, `channel ${name} was attached without the publish mode`)
  const published = publish(channels.get(name), items, publisher, limits, serials)
  answer(connection, msgSerial, { action: ACTION.ack, msgSerial, count: 1, res: [{ serials: published }] })
}

const presence: Handler = (emulated, connection, frame) => {
  const msgSerial = once(connection, frame)
  if (msgSerial === undefined) return
  const { limits, now } = emulated
  const name = checkChannelName(frame.channel)
  const channel = connection.attached.get(name)
  const attachment = channel?.attachments.get(connection.id)
  if (!channel || !attachment)
    throw new AblyError(91001, 'unable to enter presence channel (invalid channel state)')
  if (!(attachment.modes & MODE.presence))
    throw new AblyError(40160, `presence on ${name} is not permitted with provided capability or modes`)
  const items = readItems(frame.presence)
  takeRate(connection, items.length)
  const { id, clientId } = connection
  applyPresence(channel, items, { connectionId: id, clientId, idBase: `${id}:${msgSerial}` }, limits, now)
  connection.present.add(channel)
  answer(connection, msgSerial, { action: ACTION.ack, msgSerial, count: 1, res: [{ serials: [] }] })
}

const sync: Handler = (_, connection, { channel: named, channelSerial }) => {
  const channel = connection.attached.get(checkChannelName(named))
  if (!channel) throw new AblyError(90001, 'channel operation failed (invalid channel state)')
  const from = Number(/:(\d+)$/.exec(channelSerial ?? '')?.[1] ?? 0)
  for (const frame of syncFrames(channel, from)) connection.reply(frame)
}

const handlers: Readonly<Record<number, Handler>> = {
  [ACTION.heartbeat]: (_, connection, { id }) =>
    connection.reply({ action: ACTION.heartbeat, ...(id === undefined ? {} : { id }) }),
  [ACTION.disconnect]: (_, connection) => connection.link?.close(1000),
  [ACTION.close]: ({ connections }, connection) => {
    const { link } = connection
    connection.reply({ action: ACTION.closed })
    connections.end(connection)
    link?.close(1000)
  },
  [ACTION.attach]: attach,
  [ACTION.detach]: (emulated, connection, { channel }) => {
    const name = checkChannelName(channel)
    detach(emulated, connection, name)
    connection.reply({ action: ACTION.detached, channel: name })
  },
  [ACTION.message]: message,
  [ACTION.presence]: presence,
  [ACTION.sync]: sync,
  [ACTION.auth]: (emulated, connection, { accessToken }) => reauthorize(emulated, connection, accessToken),
}

/** The serial of a publish that is new; one that was answered before gets the same answer again. */
const once = (connection: Connection, { msgSerial }: ClientFrame): number | undefined => {
  if (msgSerial === undefined || msgSerial < 0) throw new AblyError(80013, 'protocol error: no msgSerial')
  const before = connection.answers.get(msgSerial)
  if (!before) return msgSerial
  connection.reply(before)
  return undefined
}

const takeRate = ({ rate }: Connection, count: number) => {
  if (!rate.take(count)) throw new AblyError(42911, 'max per-connection publish rate limit exceeded')
}

const plainParams = (params: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(params)
      .filter(([name, value]) => (name === 'rewind' || name === 'modes') && typeof value !== 'object')
      .map(([name, value]) => [name, String(value)]),
  )
