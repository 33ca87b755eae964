import { createServer, type Socket } from 'node:net'
import type { RunningProvider } from '@syncline/testing'
import { listen } from '@syncline/testing/adapter'
import { readLines, writeLine } from './lines.ts'

/** What clients say to the provider. */
export type ToClient =
  | { readonly type: 'hello'; readonly connection: string }
  | { readonly type: 'subscribed' | 'refused' | 'unsubscribed'; readonly channel: string }
  | { readonly type: 'message'; readonly channel: string; readonly data: unknown }

export interface FromClient {
  readonly type: 'subscribe' | 'unsubscribe'
  readonly channel: string
}

interface Connection {
  readonly socket: Socket
  readonly allowed: Map<string, string>
  readonly channels: Set<string>
}

/** Like the managed ones, as small as can be: fans out to subscribers, and clients cannot send through it. */
export interface ToyProvider extends RunningProvider {
  /** To everybody on the channel, a little later. */
  publish(channel: string, data: unknown): Promise<void>
  /** Lets a connection subscribe. */
  allow(connection: string, subject: string, channel: string): void
  revoke(subject: string, channel: string | undefined): void
}

export const startToyProvider = async (): Promise<ToyProvider> => {
  const connections = new Map<string, Connection>()
  let count = 0
  const say = ({ socket }: Connection, line: ToClient) => writeLine(socket, line)

  const take = (connection: Connection, { type, channel }: FromClient) => {
    if (type === 'unsubscribe') return void connection.channels.delete(channel)
    const allowed = connection.allowed.has(channel) || channel.startsWith('wake-')
    if (allowed) connection.channels.add(channel)
    return say(connection, { type: allowed ? 'subscribed' : 'refused', channel })
  }

  const server = createServer((socket) => {
    const id = `connection-${++count}`
    const connection = { socket, allowed: new Map<string, string>(), channels: new Set<string>() }
    connections.set(id, connection)
    socket.on('error', () => {})
    socket.on('close', () => connections.delete(id))
    readLines(socket, (line) => take(connection, line as FromClient))
    say(connection, { type: 'hello', connection: id })
  })
  const url = await listen(server, 0)

  return {
    port: Number(new URL(url).port),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const { socket } of connections.values()) socket.destroy()
      await closed
    },
    publish: async (channel, data) => {
      await new Promise((resolve) => setImmediate(resolve))
      for (const connection of connections.values())
        if (connection.channels.has(channel)) say(connection, { type: 'message', channel, data })
    },
    allow: (id, subject, channel) => void connections.get(id)?.allowed.set(channel, subject),
    revoke: (subject, channel) => {
      for (const connection of connections.values())
        for (const [name, owner] of connection.allowed)
          if (owner === subject && (channel === undefined || channel === name)) {
            connection.allowed.delete(name)
            connection.channels.delete(name)
            say(connection, { type: 'unsubscribed', channel: name })
          }
    },
  }
}
