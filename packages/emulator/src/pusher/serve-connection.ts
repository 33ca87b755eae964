import { randomInt } from 'node:crypto'
import type { WebSocket } from 'ws'
import { createLink, type Link } from '../shared/link.ts'
import { createRate, type Rate } from '../shared/rate.ts'
import { createActivity } from './activity.ts'
import type { App } from './app.ts'
import type { Channels } from './channels.ts'
import { clientEvent } from './client-event.ts'
import type { Connection } from './connection.ts'
import { type ClientMessage, errorFrame, eventFrame, parseMessage, parseObject } from './frames.ts'
import { checkHandshake, type Rejection } from './handshake.ts'
import { subscribe } from './subscribe.ts'
import type { Users } from './users.ts'

/** What a new WebSocket joins. */
export interface ConnectionHost {
  readonly app: App
  readonly channels: Channels
  readonly users: Users
  readonly connections: Map<string, Connection>
  readonly links: Map<string, Link>
  /** A rejection that a test asked for. */
  readonly rejection: () => Rejection | undefined
}

/** Takes a WebSocket in, or closes it with the code that says why not. */
export const serveConnection = (host: ConnectionHost, socket: WebSocket, url: string) => {
  const { app, connections } = host
  const full = { code: 4004, message: 'Application is over connection quota' }
  const rejection =
    host.rejection() ??
    checkHandshake(url, app.key) ??
    (connections.size >= app.limits.connections ? full : undefined)
  if (!rejection) return welcome(host, socket)
  const link = createLink(socket, {
    delay: app.faults.delay,
    onFrame: () => undefined,
    onClosed: () => undefined,
  })
  link.send(errorFrame(rejection.code, rejection.message))
  link.close(rejection.code, rejection.message.slice(0, 120))
}

const welcome = (host: ConnectionHost, socket: WebSocket) => {
  const { app, connections, links } = host
  const { activityTimeout, pongTimeout, clientEventsPerSecond } = app.limits
  const rate = createRate(clientEventsPerSecond)
  const link = createLink(socket, {
    delay: app.faults.delay,
    onFrame: (data, binary) => {
      activity.seen()
      if (binary) return link.close(1003, 'Binary WebSocket frames are not supported')
      const message = parseMessage(data.toString())
      if (message) receive(host, connection, message, rate)
      else link.send(errorFrame(null, 'A message must be a JSON object with an event.'))
    },
    onClosed: () => {
      activity.stop()
      goodbye(host, connection)
    },
  })
  const connection: Connection = { id: newSocketId(), link, channels: new Map(), user: undefined }
  const activity = createActivity(
    activityTimeout,
    pongTimeout,
    () => link.send(eventFrame('pusher:ping', '{}')),
    () => {
      link.send(errorFrame(4201, 'Pong reply not received in time'))
      link.close(4201, 'Pong reply not received in time')
    },
  )
  connections.set(connection.id, connection)
  links.set(connection.id, link)
  const established = { socket_id: connection.id, activity_timeout: activityTimeout / 1000 }
  link.send(eventFrame('pusher:connection_established', established))
}

const goodbye = ({ channels, users, connections, links }: ConnectionHost, connection: Connection) => {
  connections.delete(connection.id)
  links.delete(connection.id)
  for (const name of [...connection.channels.keys()]) channels.remove(connection, name)
  users.signOut(connection)
}

const receive = (
  { app, channels, users }: ConnectionHost,
  connection: Connection,
  message: ClientMessage,
  rate: Rate,
) => {
  switch (message.event) {
    case 'pusher:ping':
      return connection.link.send(eventFrame('pusher:pong', '{}'))
    case 'pusher:pong':
      return
    case 'pusher:subscribe':
      return subscribe(app, channels, connection, message.data)
    case 'pusher:unsubscribe':
      return unsubscribe(channels, connection, message.data)
    case 'pusher:signin':
      return users.signIn(connection, message.data)
    default:
      return clientEvent(app, channels, connection, message, rate)
  }
}

const unsubscribe = (channels: Channels, connection: Connection, data: unknown) => {
  const channel = parseObject(data)?.channel
  if (typeof channel === 'string' && connection.channels.has(channel))
    return channels.remove(connection, channel)
  const name = typeof channel === 'string' ? channel.slice(0, 200) : 'without a name'
  return connection.link.send(errorFrame(null, `No current subscription to channel ${name}`))
}

let connectionsSoFar = 0

/** Never the same twice in a process, and not to be guessed. */
const newSocketId = () => {
  connectionsSoFar += 1
  return `${randomInt(1, 1_000_000_000)}.${connectionsSoFar}`
}
