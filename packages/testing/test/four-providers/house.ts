import {
  type ClientStorage,
  createClient,
  createView,
  type Environment,
  type Receipt,
  type SynclineError,
  type TokenProvider,
} from '@syncline/core'
import { channelPresence } from '@syncline/core/presence'
import {
  type AblyEmulator,
  type PusherEmulator,
  startAblyEmulator,
  startPusherEmulator,
} from '@syncline/emulator'
import { type HubEnvironment, type HubStore, type Identity, memoryStore } from '@syncline/server'
import { collect, createTcpProxy, eventually, type TcpProxy, until } from '@syncline/testing'
import { onTestFinished as ofThisTest } from 'vitest'
import { type Line, room } from './room.ts'
import { type ManagedProviders, startRoomHub } from './room-hub.ts'
import { type Provider, providers, transports } from './room-transports.ts'

export { type Provider, providers } from './room-transports.ts'

/** Milliseconds; far longer than anything takes that goes well. */
const patience = 30_000

const unlimited = { channelRate: Number.POSITIVE_INFINITY, connectionRate: Number.POSITIVE_INFINITY }

/** A client in the room, on a stretch of network of its own. */
export interface Window {
  readonly provider: Provider
  /** The person's. */
  readonly name: string
  readonly client: ReturnType<typeof createClient>
  /** The way to the hub, and the one to the provider where that is another. */
  readonly network: { readonly hub: TcpProxy; readonly provider: TcpProxy | undefined }
  /** The texts of all messages so far, in the order in which they came. */
  readonly heard: () => readonly string[]
  /** What the view shows. */
  readonly shown: () => readonly string[] | undefined
  /** What it was told that it missed, and each failure that it was told. */
  readonly missed: () => readonly unknown[]
  readonly errors: () => readonly SynclineError[]
  /** The names of all who are here. */
  readonly names: () => readonly string[]
  /** Every list of names there was, as the window saw it. */
  readonly lists: () => readonly (readonly string[])[]
  say(id: string): Receipt
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

export interface HubSettings {
  /** Milliseconds. Default 2,000. */
  readonly heartbeat?: number
  /** Milliseconds for which one who is gone stays on the lists. Default: the hub's. */
  readonly grace?: number
  readonly environment?: HubEnvironment
  /** Default: the token is the person's name. */
  readonly authenticate?: (token: string) => Identity
  /** Where the hub finds the two. Default: where they are. */
  readonly managed?: ManagedProviders
}

export interface WindowSettings {
  readonly storage?: ClientStorage
  readonly identity?: string
  /** Of one tab: shared by clients that follow one another in it. */
  readonly environment?: Environment
  /** Default: the identity. */
  readonly token?: TokenProvider
  /** More options for the provider's SDK. */
  readonly sdk?: object | undefined
}

/** One hub with all four gateways, and the emulators of the two managed providers. */
export interface House {
  readonly pusher: PusherEmulator
  readonly ably: AblyEmulator
  /** How a hub reaches the two. */
  readonly managed: ManagedProviders
  start(store?: HubStore<never>, settings?: HubSettings): Promise<void>
  /** Where the hub is. */
  readonly port: number
  /** The hub is a process of its own, at this port. */
  servedAt(port: number): void
  /** Breaks every connection; the hub that ran gets no more chance to say or send anything. */
  kill(): Promise<void>
  open(provider: Provider, settings?: WindowSettings): Promise<Window>
  /** What the hub's handler has taken, in order. */
  readonly lines: readonly Line[]
  /** How often the handler of a line has run. */
  readonly runs: ReadonlyMap<string, number>
}

/** @param onTestFinished the test's own, where several run at a time */
export const createHouse = async (onTestFinished = ofThisTest): Promise<House> => {
  const pusherEmulator = await startPusherEmulator()
  const ablyEmulator = await startAblyEmulator({ limits: unlimited })
  const { appId, key, secret } = pusherEmulator
  const managed: ManagedProviders = {
    pusher: { appId, key, secret, port: pusherEmulator.port },
    ably: { key: ablyEmulator.key, port: ablyEmulator.port },
  }
  const lines: Line[] = []
  const runs = new Map<string, number>()
  let port = 0
  let stop: (() => Promise<void>) | undefined
  const closing: (() => Promise<unknown>)[] = []

  const start: House['start'] = async (store = memoryStore() as unknown as HubStore<never>, settings) => {
    const running = await startRoomHub<never>({
      managed,
      ...settings,
      store,
      port,
      serve: (hub) =>
        hub.serve(room, {
          snapshot: () => lines,
          mutations: {
            'line:say': ({ input, publish }) => {
              runs.set(input.id, (runs.get(input.id) ?? 0) + 1)
              if (!lines.some(({ id }) => id === input.id)) lines.push(input)
              publish('line:said', input)
            },
          },
        }),
    })
    port = running.port
    stop = async () => {
      stop = undefined
      await running.kill()
    }
  }

  const open: House['open'] = async (provider, settings = {}) => {
    const { storage, identity = provider, environment, token = () => identity, sdk } = settings
    const hubProxy = await createTcpProxy({ target: () => port })
    const service = provider === 'pusher' || provider === 'ably' ? managed[provider] : undefined
    const providerProxy = service && (await createTcpProxy({ target: () => service.port }))
    const proxies = [hubProxy, ...(providerProxy ? [providerProxy] : [])]
    const client = createClient({
      transport: transports[provider]({
        hub: hubProxy.url,
        provider: providerProxy?.port ?? 0,
        key,
        sdk,
      }),
      token,
      identity,
      backoff: { firstDelay: 50, cap: 500 },
      attemptTimeout: 5_000,
      channels: { linger: 50 },
      ...(storage && { storage }),
      ...(environment && { environment }),
    })
    const errors = collect(client.errors$)
    const channel = client.channel(room, { id: 1 })
    const messages = collect(channel.messages$)
    const missed = collect(channel.missed$)
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
      for (const each of [views, members, messages, missed, errors]) each.stop()
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
      name: identity,
      client,
      network: { hub: hubProxy, provider: providerProxy },
      heard: () => messages.values.map(({ data }) => (data as Line).id),
      shown: () => view.get()?.map(({ id }) => id),
      missed: () => missed.values,
      errors: () => errors.values,
      names: () => namesOf(presence.members$.get()),
      lists: () => members.values.map(namesOf),
      say: (id) => channel.mutate('line:say', { id, text: id }),
      enter: () => void presence.enter({ name: identity }),
      inside: () =>
        until(presence.self$, ({ at }) => at === 'inside', {
          what: `A place on ${provider}`,
          timeout: patience,
        }),
      live: () =>
        until(channel.state$, ({ phase }) => phase === 'live', {
          what: `A live room on ${provider}`,
          timeout: patience,
        }),
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
  const servedAt = (given: number) => {
    port = given
  }
  const kill = async () => stop?.()
  return {
    pusher: pusherEmulator,
    ably: ablyEmulator,
    managed,
    get port() {
      return port
    },
    start,
    servedAt,
    kill,
    open,
    lines,
    runs,
  }
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
    timeout: patience,
  })
  return windows
}

/** Resolves once all of the windows have heard the line. */
export const allHeard = (windows: readonly Window[], id: string): Promise<unknown> =>
  eventually(() => windows.every((window) => window.heard().includes(id)), {
    what: `Line ${id} on ${windows.map(({ provider }) => provider)}`,
    timeout: patience,
  })
