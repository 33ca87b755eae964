import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { ably } from '@syncline/ably'
import { ablyGateway } from '@syncline/ably/hub'
import {
  type ClientStorage,
  createClient,
  createView,
  defineChannel,
  type Environment,
  type Transport,
  type,
} from '@syncline/core'
import { channelPresence } from '@syncline/core/presence'
import {
  type AblyEmulator,
  type PusherEmulator,
  startAblyEmulator,
  startPusherEmulator,
} from '@syncline/emulator'
import { pusher } from '@syncline/pusher'
import { pusherGateway } from '@syncline/pusher/hub'
import { createHub, type HubStore, type Identity, memoryStore, toNodeHandler } from '@syncline/server'
import { socketIo } from '@syncline/socket-io'
import { socketIoGateway } from '@syncline/socket-io/hub'
import { sse } from '@syncline/sse'
import { sseGateway } from '@syncline/sse/hub'
import { collect, createTcpProxy, eventually, type TcpProxy, until } from '@syncline/testing'
import Ably from 'ably'
import PusherServer from 'pusher'
import { Server as SocketIoServer } from 'socket.io'
import { onTestFinished as ofThisTest } from 'vitest'

export const providers = ['socket.io', 'sse', 'pusher', 'ably'] as const
export type Provider = (typeof providers)[number]

interface Line {
  readonly id: string
  readonly text: string
}

const room = defineChannel('room/:id', {
  snapshot: type<readonly Line[]>(),
  events: { 'line:said': type<Line>() },
  mutations: { 'line:say': { input: type<Line>() } },
  presence: type<{ readonly name: string }>(),
  cursor: type<{ readonly x: number; readonly y: number }>(),
})

const unlimited = { channelRate: Number.POSITIVE_INFINITY, connectionRate: Number.POSITIVE_INFINITY }
const local = (port: number) => ({
  endpoint: '127.0.0.1',
  port,
  tls: false,
  fallbackHosts: [],
  disableConnectivityCheck: true,
  wsConnectivityCheckUrl: `ws://127.0.0.1:${port}/`,
  logLevel: 0,
})

/** A client in the room, on a stretch of network of its own. */
export interface Window {
  readonly provider: Provider
  readonly client: ReturnType<typeof createClient>
  /** The texts of all messages so far, in the order in which they came. */
  readonly heard: () => readonly string[]
  /** What the view shows. */
  readonly shown: () => readonly string[] | undefined
  /** The names of all who are here. */
  readonly names: () => readonly string[]
  /** Every list of names there was, as the window saw it. */
  readonly lists: () => readonly (readonly string[])[]
  say(id: string): { readonly result: Promise<unknown>; readonly saved: Promise<unknown> }
  enter(): void
  /** Resolves once the hub has confirmed the entering. */
  inside(): Promise<unknown>
  live(): Promise<unknown>
  /** No way to the hub, nor to the provider; `mend` ends it. */
  cut(): void
  mend(): void
  /** @param movesOn another window goes on with the same storage */
  close(movesOn?: boolean): Promise<void>
}

/** One hub with all four gateways, and the emulators of the two managed providers. */
export interface House {
  readonly pusher: PusherEmulator
  readonly ably: AblyEmulator
  start(store?: HubStore<never>): Promise<void>
  /** Breaks every connection; the hub that ran gets no more chance to say or send anything. */
  kill(): Promise<void>
  open(
    provider: Provider,
    options?: {
      readonly storage?: ClientStorage
      readonly identity?: string
      /** Of one tab: shared by clients that follow one another in it. */
      readonly environment?: Environment
    },
  ): Promise<Window>
  /** How often the handler of a line has run. */
  readonly runs: ReadonlyMap<string, number>
}

const listen = async (server: Server, port: number): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** @param onTestFinished the test's own, where several run at a time */
export const createHouse = async (onTestFinished = ofThisTest): Promise<House> => {
  const pusherEmulator = await startPusherEmulator()
  const ablyEmulator = await startAblyEmulator({ limits: unlimited })
  const lines: Line[] = []
  const runs = new Map<string, number>()
  let port = 0
  let stop: (() => Promise<void>) | undefined
  const closing: (() => Promise<unknown>)[] = []

  const start = async (store = memoryStore() as unknown as HubStore<never>) => {
    const server = createServer()
    const sockets = new Set<Socket>()
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    const io = new SocketIoServer(server, { serveClient: false })
    const hub = createHub<never, Identity>({
      store,
      heartbeat: 2_000,
      authenticate: ({ token = '' }) => ({ id: token }),
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      gateways: [
        socketIoGateway(io),
        sseGateway(),
        pusherGateway({
          pusher: new PusherServer({
            appId: pusherEmulator.appId,
            key: pusherEmulator.key,
            secret: pusherEmulator.secret,
            host: pusherEmulator.host,
            port: String(pusherEmulator.port),
            useTLS: false,
          }),
        }),
        ablyGateway({ rest: new Ably.Rest({ ...local(ablyEmulator.port), key: ablyEmulator.key }) }),
      ],
    })
    hub.serve(room, {
      snapshot: () => lines,
      mutations: {
        'line:say': ({ input, publish }) => {
          runs.set(input.id, (runs.get(input.id) ?? 0) + 1)
          if (!lines.some(({ id }) => id === input.id)) lines.push(input)
          publish('line:said', input)
        },
      },
    })
    const handler = toNodeHandler(hub.handler)
    server.on('request', (request, response) => {
      if (request.url?.startsWith('/syncline/')) handler(request, response)
    })
    await hub.ready
    port = await listen(server, port)
    stop = async () => {
      stop = undefined
      server.close()
      for (const socket of sockets) socket.resetAndDestroy()
      await hub.close({ within: 0 })
      await io.close()
    }
  }

  const transports: Record<Provider, (hub: TcpProxy, provider: TcpProxy | undefined) => Transport> = {
    'socket.io': ({ url }) => socketIo(url),
    sse: ({ url }) => sse(`${url}/syncline`),
    pusher: ({ url }, provider) =>
      pusher(`${url}/syncline`, {
        key: pusherEmulator.key,
        wsHost: '127.0.0.1',
        wsPort: provider?.port ?? 0,
        forceTLS: false,
        enabledTransports: ['ws'],
      }),
    ably: ({ url }, provider) => ably(`${url}/syncline`, local(provider?.port ?? 0)),
  }
  const providerPort = { pusher: pusherEmulator.port, ably: ablyEmulator.port }

  const open: House['open'] = async (provider, { storage, identity = provider, environment } = {}) => {
    const hubProxy = await createTcpProxy({ target: () => port })
    const managed = provider === 'pusher' || provider === 'ably' ? providerPort[provider] : undefined
    const providerProxy = managed === undefined ? undefined : await createTcpProxy({ target: () => managed })
    const proxies = [hubProxy, ...(providerProxy ? [providerProxy] : [])]
    const client = createClient({
      transport: transports[provider](hubProxy, providerProxy),
      token: () => identity,
      identity,
      backoff: { firstDelay: 50, cap: 500 },
      attemptTimeout: 2_000,
      channels: { linger: 50 },
      ...(storage && { storage }),
      ...(environment && { environment }),
    })
    const channel = client.channel(room, { id: 1 })
    const messages = collect(channel.messages$)
    const view = createView(channel, {
      initial: (snapshot) => snapshot,
      on: { 'line:said': (all, line) => [...all.filter(({ id }) => id !== line.id), line] },
      optimistic: { 'line:say': (all, line) => [...all, line] },
      persist: true,
    })
    const views = collect(view)
    const presence = channelPresence(channel)
    const members = collect(presence.members$)
    let closed: Promise<void> | undefined
    const end = async (movesOn: boolean) => {
      views.stop()
      members.stop()
      messages.stop()
      view.close()
      await client.close({ movesOn })
      await Promise.all(proxies.map((proxy) => proxy.close()))
    }
    const close = (movesOn = false) => {
      closed ??= end(movesOn)
      return closed
    }
    closing.push(() => close())
    const namesOf = (list: readonly { readonly state: { readonly name: string } }[]) =>
      list.map(({ state }) => state.name).toSorted()
    return {
      provider,
      client,
      heard: () => messages.values.map(({ data }) => (data as Line).id),
      shown: () => view.get()?.map(({ id }) => id),
      names: () => namesOf(presence.members$.get()),
      lists: () => members.values.map(namesOf),
      say: (id) => channel.mutate('line:say', { id, text: id }),
      enter: () => void presence.enter({ name: identity }),
      inside: () => until(presence.self$, ({ at }) => at === 'inside', { what: `A place on ${provider}` }),
      live: () =>
        until(channel.state$, ({ phase }) => phase === 'live', { what: `A live room on ${provider}` }),
      cut: () => {
        for (const proxy of proxies) {
          proxy.refuse()
          proxy.cut()
        }
      },
      mend: () => {
        for (const proxy of proxies) proxy.accept()
      },
      close,
    }
  }

  onTestFinished(async () => {
    for (const end of closing) await end()
    await stop?.()
    await pusherEmulator.close()
    await ablyEmulator.close()
  })
  return { pusher: pusherEmulator, ably: ablyEmulator, start, kill: async () => stop?.(), open, runs }
}

/** One window on each provider, all of them live and entered. */
export const openAll = async (house: House): Promise<readonly Window[]> => {
  const windows = await Promise.all(providers.map((provider) => house.open(provider)))
  for (const window of windows) {
    window.enter()
    await window.live()
  }
  await eventually(() => windows.every((window) => window.names().length === windows.length), {
    what: 'Everybody on every list',
  })
  return windows
}

/** Resolves once all of the windows have heard the line. */
export const allHeard = (windows: readonly Window[], id: string): Promise<unknown> =>
  eventually(() => windows.every((window) => window.heard().includes(id)), {
    what: `Line ${id} on ${windows.map(({ provider }) => provider)}`,
    timeout: 10_000,
  })
