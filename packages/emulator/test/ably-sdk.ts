import { createHmac } from 'node:crypto'
import * as Ably from 'ably'
import { onTestFinished } from 'vitest'
import {
  type AblyEmulator,
  type AblyEmulatorOptions,
  startAblyEmulator,
} from '../src/ably/start-ably-emulator.ts'

/** An emulator that ends with its test. */
export const startAbly = async (options?: AblyEmulatorOptions): Promise<AblyEmulator> => {
  const emulator = await startAblyEmulator(options)
  onTestFinished(() => emulator.close())
  return emulator
}

/** What every client of the emulator needs; no key and no token yet. */
export const local = ({ host, port }: AblyEmulator, options: Ably.ClientOptions = {}): Ably.ClientOptions =>
  ({
    endpoint: host,
    port,
    tls: false,
    useBinaryProtocol: false,
    fallbackHosts: [],
    transports: ['web_socket'],
    disableConnectivityCheck: true,
    wsConnectivityCheckUrl: `ws://${host}:${port}/`,
    logLevel: 0,
    ...options,
  }) as Ably.ClientOptions

/** The realtime SDK; by the emulator's first key, unless the options say otherwise. */
export const realtime = (emulator: AblyEmulator, options: Ably.ClientOptions = {}): Ably.Realtime => {
  const credentials = hasCredentials(options) ? {} : { key: emulator.key }
  const client = new Ably.Realtime(local(emulator, { ...credentials, ...options }))
  onTestFinished(() => client.close())
  return client
}

export const rest = (emulator: AblyEmulator, options: Ably.ClientOptions = {}): Ably.Rest =>
  new Ably.Rest(local(emulator, { ...(hasCredentials(options) ? {} : { key: emulator.key }), ...options }))

const hasCredentials = ({ key, token, tokenDetails, authCallback, authUrl }: Ably.ClientOptions) =>
  !!(key ?? token ?? tokenDetails ?? authCallback ?? authUrl)

export const connected = async (client: Ably.Realtime): Promise<Ably.Realtime> => {
  await client.connection.whenState('connected')
  return client
}

/** The next change of the connection to this state, whatever the state is now. */
export const changesTo = (client: Ably.Realtime, state: Ably.ConnectionState) =>
  new Promise<Ably.ConnectionStateChange>((resolve) => client.connection.once(state, resolve))

/** The next event of this name on a channel. */
export const next = (channel: Ably.RealtimeChannel, event: Ably.ChannelEvent) =>
  new Promise<Ably.ChannelStateChange>((resolve) => channel.once(event, resolve))

/** After the first retry, which comes at once, the SDK waits until it is told to connect. */
export const manual = { disconnectedRetryTimeout: 1e9, suspendedRetryTimeout: 1e9 }

/** Leaves a client disconnected; its sockets come through again. */
export const cutOff = async ({ faults }: AblyEmulator, client: Ably.Realtime) => {
  faults.refuse(true)
  faults.drop(client.connection.id)
  await changesTo(client, 'connecting')
  await changesTo(client, 'disconnected')
  faults.refuse(false)
}

/** Collects what a channel brings; `until(n)` resolves once there are n of them. */
export const collect = async (channel: Ably.RealtimeChannel) => {
  const list = collection<Ably.Message>()
  await channel.subscribe(list.add)
  return list
}

export const collectPresence = async (channel: Ably.RealtimeChannel) => {
  const list = collection<Ably.PresenceMessage>()
  await channel.presence.subscribe(list.add)
  return list
}

const collection = <T>() => {
  const items: T[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  return {
    items,
    add: (item: T) => {
      items.push(item)
      for (const { count, resolve } of waiting) if (items.length >= count) resolve()
    },
    until: (count: number): Promise<T[]> =>
      new Promise((resolve) => {
        waiting.push({ count, resolve: () => resolve(items) })
        if (items.length >= count) resolve(items)
      }),
  }
}

/** The `code` with which a promise is rejected. */
export const codeOf = (promise: Promise<unknown>): Promise<number | string> =>
  promise.then(
    () => 'no error',
    (error: { code: number }) => error.code,
  )

/** A JWT as an app's backend would make it. */
export const signJwt = (key: string, claims: Record<string, unknown> = {}, head: object = {}): string => {
  const [kid = '', secret = ''] = key.split(':')
  const iat = Math.floor(Date.now() / 1000)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ typ: 'JWT', alg: 'HS256', kid, ...head })}.${part({ iat, exp: iat + 3600, ...claims })}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}
