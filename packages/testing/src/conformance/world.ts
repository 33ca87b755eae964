import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import {
  type ChannelHandle,
  type Client,
  type ClientOptions,
  type ConnectionStatus,
  createClient,
  createDefaultEnvironment,
  createView,
  SynclineError,
  type View,
} from '@syncline/core'
import {
  createHub,
  type Hub,
  type HubOptions,
  type Identity,
  type Logger,
  memoryStore,
} from '@syncline/server'
import { type Collected, collect } from '../collect.ts'
import { type Taps, tapTransport } from '../tap-transport.ts'
import { breakConnection, createTcpProxy, type TcpProxy } from '../tcp-proxy.ts'
import { eventually, until } from '../until.ts'
import { openRawLink, type RawLink } from './raw-link.ts'
import { createTodoApp, type TodoApp } from './todo-app.ts'
import { type Todo, type TodoList, todoList, todoView } from './todo-contract.ts'
import type { RunningProvider, TransportPair } from './transport-pair.ts'
import { twoStretches } from './two-stretches.ts'

/** A hub on its server. */
export interface RunningHub {
  readonly hub: Hub<never, Identity>
  /** What the hub logged as a warning or an error. */
  readonly logged: readonly string[]
  /** Says bye and ends. Clients are told to come back at once. */
  stop(): Promise<void>
  /** Breaks every connection first, as a process does that dies. */
  kill(): Promise<void>
}

export type HubSettings = Partial<HubOptions<never, Identity>>

export interface ClientSettings extends Partial<Omit<ClientOptions, 'transport'>> {
  readonly taps?: Taps
}

/** A client and the stretch of network that it alone uses. */
export interface Device {
  readonly client: Client
  /** To the hub, and to the provider where there is one: what is done to it is done to both. */
  readonly proxy: TcpProxy
  readonly statuses: Collected<ConnectionStatus>
  readonly errors: Collected<SynclineError>
  list(name?: string): ChannelHandle<TodoList>
  /** A view of a list that stays subscribed. */
  view(
    name?: string,
    options?: { readonly persist?: boolean },
  ): Collected<readonly Todo[] | undefined> & {
    readonly view: View<readonly Todo[]>
  }
  connected(): Promise<unknown>
  /** Joins the list, keeps it joined, and resolves once it is live. */
  live(name?: string): Promise<unknown>
  /** Closes the client as a page that goes away: its storage stays. */
  close(): Promise<void>
}

/** Somebody else on the list who must not notice anything. */
export interface Bystander extends Device {
  /** Writes, gets the answer and the message, on the connection that it had from the start. */
  goesOn(): Promise<void>
}

/** Everything that one test uses; `close` frees it. */
export interface World {
  readonly app: TodoApp
  /** The hub that runs now. */
  readonly running: RunningHub
  start(settings?: HubSettings): Promise<RunningHub>
  device(settings?: ClientSettings): Promise<Device>
  bystander(): Promise<Bystander>
  /** A link without a client, straight to the hub and its provider. */
  raw(opening: { readonly token?: string | undefined; readonly frames: readonly unknown[] }): RawLink
  /** The server's own address, past all proxies. */
  readonly url: string
  readonly pair: TransportPair
  close(): Promise<void>
}

const quickBackoff = { firstDelay: 20, cap: 100 }
/** Milliseconds. Long enough for a busy machine: what is about heartbeats sets its own. */
const heartbeat = 10_000

const readToken = ({ token }: { readonly token: string | undefined }): Identity => {
  if (token === undefined) throw new SynclineError('unauthenticated', { detail: 'There is no token.' })
  const [id, expiresAt, secret] = token.split('|')
  if (!id || secret !== 'secret') throw new SynclineError('unauthenticated', { detail: 'Not one of ours.' })
  if (!expiresAt) return { id }
  if (Number(expiresAt) <= Date.now()) throw new SynclineError('token-expired')
  return { id, expiresAt: Number(expiresAt) }
}

/** A token that the suite's hubs accept. @param expiresAt ms since 1970; left out: never */
export const tokenOf = (subject: string, expiresAt?: number): string => `${subject}|${expiresAt ?? ''}|secret`

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })

const closeServer = async (server: Server, sockets: ReadonlySet<Socket>): Promise<void> => {
  if (server.listening) server.close()
  const closed = () => {
    // What was busy may be idle by now, and would be kept alive.
    server.closeIdleConnections()
    return sockets.size === 0
  }
  await eventually(closed, { what: 'The end of every connection of the server' })
}

const collectLog = (): { readonly lines: string[]; readonly logger: Logger } => {
  const lines: string[] = []
  const note = (fields: object, message: string) =>
    void lines.push(`${message} ${Object.values(fields).join(' ')}`)
  const ignore = () => {}
  return { lines, logger: { debug: ignore, info: ignore, warn: note, error: note } as Logger }
}

const startHub = async (
  pair: TransportPair,
  app: TodoApp,
  port: number,
  providerPort: number,
  settings: HubSettings,
): Promise<RunningHub & { readonly port: number }> => {
  const server = createServer()
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const served = pair.serve(server, providerPort)
  const { lines, logger } = collectLog()
  const hub = createHub<never, Identity>({
    store: memoryStore() as never,
    authenticate: readToken,
    heartbeat: pair.service?.heartbeat ?? heartbeat,
    logger,
    ...settings,
    gateways: [served.gateway],
  })
  app.serve(hub)
  served.mount?.(hub.handler)
  await hub.ready
  const ownPort = await listen(server, port)
  let stopped: Promise<void> | undefined
  const stop = async (within: number) => {
    await hub.close({ retryAfter: 1, within })
    await served.close?.()
    await closeServer(server, sockets)
  }
  return {
    hub,
    port: ownPort,
    logged: lines,
    stop: () => {
      stopped ??= stop(500)
      return stopped
    },
    kill: async () => {
      if (server.listening) server.close()
      for (const socket of sockets) breakConnection(socket)
      stopped ??= stop(100)
      await stopped
    },
  }
}

export const createWorld = (pair: TransportPair): World => {
  const app = createTodoApp()
  const environment = createDefaultEnvironment()
  const closing: (() => Promise<unknown> | unknown)[] = []
  let running: (RunningHub & { readonly port: number }) | undefined
  let port = 0
  let provider: Promise<RunningProvider | undefined> | undefined
  let providerPort = 0
  let bystanders = 0

  const theHub = () => {
    if (!running) throw new Error('No hub was started.')
    return running
  }
  const url = () => `http://127.0.0.1:${port}`
  const providerUrl = () => (providerPort ? `http://127.0.0.1:${providerPort}` : '')

  const startProvider = async () => {
    const started = await pair.provider?.()
    if (started) closing.push(() => started.close())
    providerPort = started?.port ?? 0
    return started
  }

  const device = async ({ taps = {}, ...settings }: ClientSettings = {}): Promise<Device> => {
    const toHub = await createTcpProxy({ target: () => port })
    const toProvider = pair.provider && (await createTcpProxy({ target: () => providerPort }))
    const proxy = toProvider ? twoStretches(toHub, toProvider) : toHub
    const client = createClient({
      token: () => tokenOf(settings.identity ?? 'ada'),
      identity: 'ada',
      backoff: quickBackoff,
      attemptTimeout: pair.service?.attemptTimeout ?? 10_000,
      ...settings,
      channels: { linger: 50, ...settings.channels },
      transport: tapTransport(pair.transport(toHub.url, toProvider?.url ?? ''), taps),
    })
    const statuses = collect(client.status$)
    const errors = collect(client.errors$)
    const views: { close(): void }[] = []
    let closed: Promise<void> | undefined
    const end = async () => {
      // A page that goes away closes none of its views before.
      await client.close()
      for (const view of views) view.close()
      await proxy.close()
    }
    const close = () => {
      closed ??= end()
      return closed
    }
    closing.push(close)
    const list = (name = 'home') => client.channel(todoList, { list: name })
    return {
      client,
      proxy,
      statuses,
      errors,
      list,
      view: (name, options) => {
        const view = createView(list(name), { ...todoView, ...options })
        views.push(view)
        return { ...collect(view), view }
      },
      connected: () => {
        client.connect()
        return until(client.status$, ({ at }) => at === 'connected', { what: 'A connection' })
      },
      live: (name) => {
        const channel = list(name)
        collect(channel.messages$)
        return until(channel.state$, ({ phase }) => phase === 'live', { what: 'A live list' })
      },
      close,
    }
  }

  const bystander = async (): Promise<Bystander> => {
    const identity = `bystander-${++bystanders}`
    const other = await device({ identity })
    const list = other.list()
    const messages = collect(list.messages$)
    await other.live()
    let writes = 0
    return {
      ...other,
      goesOn: async () => {
        const todo = { id: `${identity}-${++writes}`, text: 'all is well' }
        const write = list.mutate('todo:create', todo)
        await until(write.status$, ({ at }) => at === 'applied', { what: "A bystander's write" })
        await messages.until((seen) => seen.some(({ writeId }) => writeId === write.id))
        const troubles = other.statuses.values.filter(
          ({ at }) => !['idle', 'connecting', 'connected'].includes(at),
        )
        if (troubles.length > 0 || other.errors.values.length > 0)
          throw new Error('A bystander was disturbed.', { cause: [troubles, other.errors.values] })
      },
    }
  }

  return {
    app,
    pair,
    device,
    bystander,
    get running() {
      return theHub()
    },
    get url() {
      return url()
    },
    start: async (settings = {}) => {
      provider ??= startProvider()
      await provider
      running = await startHub(pair, app, port, providerPort, settings)
      port = running.port
      closing.push(running.kill)
      return running
    },
    raw: (opening) => {
      const link = openRawLink(pair.transport(url(), providerUrl()), environment, opening)
      closing.push(link.close)
      return link
    },
    close: async () => {
      for (const end of closing.splice(0).reverse()) await end()
    },
  }
}
