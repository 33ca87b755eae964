/**
 * A hub and its clients on one provider, in a process that is asked for nothing else: clients come and go, channels
 * are used and left, links are cut. Says `report <json>` at its end. Needs `--expose-gc`.
 */
import { type Client, createClient, createDefaultEnvironment, createView } from '@syncline/core'
import { channelPresence } from '@syncline/core/presence'
import { memoryStore } from '@syncline/server'
import { createTcpProxy } from '../../src/tcp-proxy.ts'
import { eventually, until } from '../../src/until.ts'
import { type Line, room } from '../four-providers/room.ts'
import { startRoomHub } from '../four-providers/room-hub.ts'
import { transports } from '../four-providers/room-transports.ts'
import { countSubscriptions, countTimers, createGraveyard } from './live-counts.ts'
import type { ChurnSettings, SoakReport } from './run-soak.ts'

const { provider, managed, rounds, clients, freshChannels }: ChurnSettings = JSON.parse(process.argv[2]!)
/** Names that are used in turn: each has a log at the hub, and a handle at its client, for good. */
const names = 12
const patience = { timeout: 20_000 }

const subscriptions = countSubscriptions()
const ofHub = countTimers({
  now: Date.now,
  random: Math.random,
  id: () => crypto.randomUUID(),
  setTimer: createDefaultEnvironment().setTimer,
})
const ofClients = countTimers(createDefaultEnvironment())
const graveyard = createGraveyard()
const store = memoryStore()
const lines = new Map<string, readonly Line[]>()
const { hub, port, kill } = await startRoomHub({
  store,
  managed,
  port: 0,
  heartbeat: 2_000,
  environment: ofHub.environment,
  limits: { idleChannels: names, streams: names },
  presence: { grace: 100 },
  serve: (served) =>
    served.serve(room, {
      snapshot: ({ params }) => lines.get(params.id) ?? [],
      mutations: {
        'line:say': ({ input, params, publish }) => {
          if (Number(params.id) < names)
            lines.set(params.id, [...(lines.get(params.id) ?? []), input].slice(-5))
          publish('line:said', input)
        },
      },
    }),
})

const proxy = await createTcpProxy({ target: () => port })
const ably = provider === 'ably'
const toProvider = await createTcpProxy({ target: () => (ably ? managed.ably.port : managed.pusher.port) })
const way = { hub: proxy.url, provider: toProvider.port, key: ably ? managed.ably.key : managed.pusher.key }

let opened = 0
const open = (): Client => {
  const name = `person-${opened++ % names}`
  const client = createClient({
    transport: transports[provider](way),
    environment: ofClients.environment,
    token: () => name,
    backoff: { firstDelay: 10, cap: 50 },
    attemptTimeout: 10_000,
    channels: { linger: 10 },
  })
  graveyard.bury('client', client)
  return client
}

const say = (channel: ReturnType<typeof channelOf>) =>
  channel.mutate('line:say', { id: crypto.randomUUID(), text: 'x'.repeat(100) }).result
const channelOf = (client: Client, id: number | string) => client.channel(room, { id })

/** Reads and watches a channel, is on it, and leaves it. */
const use = async (client: Client, id: number | string): Promise<void> => {
  const channel = channelOf(client, id)
  const view = createView(channel, {
    initial: (snapshot) => snapshot,
    on: { 'line:said': (all, line) => [...all, line].slice(-5) },
    optimistic: { 'line:say': (all, line) => [...all, line] },
  })
  graveyard.bury('view', view)
  const presence = channelPresence(channel)
  const watching = [view.subscribe(() => {}), presence.members$.subscribe(() => {})]
  const off = channel.on('line:said', () => {})
  const exit = presence.enter({ name: 'someone' })
  await until(channel.state$, ({ phase }) => phase === 'live', patience)
  await until(presence.self$, ({ at }) => at === 'inside', patience)
  off()
  exit()
  for (const each of watching) each.unsubscribe()
  view.close()
}

const comeAndGo = async (): Promise<void> => {
  const client = open()
  await Promise.all([use(client, 1), say(channelOf(client, 1))])
  await client.close()
}

/** What the process holds once all that is over is gone. */
const heap = async (): Promise<number> => {
  await store.trim(() => ({ count: 5, age: 0 }), -1)
  let least = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    globalThis.gc!()
    const { heapUsed, external } = process.memoryUsage()
    least = Math.min(least, heapUsed + external)
  }
  return least
}
/** Milliseconds after which the hub's timers for links that are over have run out. */
const untilForgotten = 1_500
const quiet = async (): Promise<void> => {
  await eventually(() => hub.health().connections === 0 && hub.health().presence === 0, {
    ...patience,
    what: `No connection and nobody present at ${JSON.stringify(hub.health())}`,
  })
  await new Promise((resolve) => setTimeout(resolve, untilForgotten))
}

/** Everything, again and again; the heap after each time. */
const churn = async (): Promise<readonly number[]> => {
  const stays = open()
  stays.connect()
  await until(stays.status$, ({ at }) => at === 'connected', patience)
  const heaps: number[] = []
  for (let round = 0; round < rounds; round++) {
    await Promise.all(Array.from({ length: clients }, comeAndGo))
    for (let n = 0; n < 3; n++) await use(stays, (round * 3 + n) % names)
    const back = until(stays.status$, ({ at }) => at === 'reconnecting', patience)
    for (const each of [proxy, toProvider]) each.cut()
    await back
    await until(stays.status$, ({ at }) => at === 'connected', patience)
    heaps.push(await heap())
  }
  await stays.close()
  return heaps
}

/** What a client holds for each name of a channel that it has ever used. */
const useMany = async (): Promise<number> => {
  const client = open()
  await use(client, 1)
  const before = await heap()
  for (let n = 0; n < freshChannels; n++) await use(client, `fresh-${n}`)
  await new Promise((resolve) => setTimeout(resolve, 200))
  const bytes = (await heap()) - before
  await client.close()
  return bytes
}

await hub.ready
const before = { timers: ofHub.timers(), subscriptions: subscriptions() }
await comeAndGo()
const heaps = await churn()
await quiet()
const freshBefore = await heap()
const perName = (await useMany()) / freshChannels
await quiet()
const perNameAfterwards = ((await heap()) - freshBefore) / freshChannels

const { connections, presence, streams } = hub.health()
const counts = {
  'hub connections': connections,
  'hub members': presence,
  'hub streams in memory beyond the limit': Math.max(0, streams - names),
  'hub timers': Math.max(0, ofHub.timers() - before.timers),
  'client timers': ofClients.timers(),
  subscriptions: subscriptions() - before.subscriptions,
}
await kill()
for (const each of [proxy, toProvider]) await each.close()
// What `fetch` keeps open for the next request.
const fetching = (globalThis as Record<symbol, unknown>)[Symbol.for('undici.globalDispatcher.1')]
await (fetching as { destroy(): Promise<void> } | undefined)?.destroy()
await new Promise((resolve) => setTimeout(resolve, 50))
globalThis.gc!()
const resources = process.getActiveResourcesInfo()
const report: SoakReport = {
  provider,
  clients: graveyard.count(),
  heaps,
  perName,
  perNameAfterwards,
  undead: graveyard.undead(),
  counts: {
    ...counts,
    sockets: resources.filter((kind) => kind.startsWith('TCP')).length,
    'timers of the process': resources.filter((kind) => kind === 'Timeout').length,
    'hub timers at its end': ofHub.timers(),
  },
}
process.stdout.write(`report ${JSON.stringify(report)}\n`)
