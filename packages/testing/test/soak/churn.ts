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
import { bareSdk } from './bare-sdk.ts'
import { countSubscriptions, countTimers, createGraveyard } from './live-counts.ts'
import type { ChurnSettings, SoakReport } from './run-soak.ts'

const { provider, managed, rounds, clients, freshChannels }: ChurnSettings = JSON.parse(process.argv[2]!)
/** Names that are used in turn: each has a log in the store, and a handle at its client, for good. */
const names = 12
const patience = { timeout: 30_000 }

const subscriptions = countSubscriptions()
const ofHub = countTimers({
  now: Date.now,
  random: Math.random,
  id: () => crypto.randomUUID(),
  setTimer: createDefaultEnvironment().setTimer,
})
const ofClients = countTimers(createDefaultEnvironment())
const graveyard = createGraveyard()
const atHub = createGraveyard()
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
  // Whatever the hub has of a session has its identity: the session, its uplink, its place on the lists, its rates.
  authenticate: (id) => {
    const identity = { id }
    atHub.bury('session at the hub', identity)
    return identity
  },
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

const collect = (): void => globalThis.gc!()
/** Clients and views that are not over, and those that cannot be collected though they are. */
const alive = (who: ReturnType<typeof createGraveyard>): number =>
  Object.values(who.undead()).reduce((sum, count) => sum + count, 0)

/**
 * What the process holds once nobody but `staying` clients is there, and all else has been collected; what is not by
 * then is counted in the end.
 */
const heap = async (staying: number): Promise<number> => {
  await eventually(
    () => {
      collect()
      const { connections, presence, streams } = hub.health()
      return (
        connections === staying &&
        presence === 0 &&
        alive(graveyard) <= staying &&
        alive(atHub) <= staying + streams
      )
    },
    { timeout: 2_000 },
  ).catch(() => undefined)
  await store.trim(() => ({ count: 5, age: 0 }), -1)
  return leastHeap()
}
/** The least of some turns: what happens to be on its way in one is gone in another. */
const leastHeap = async (): Promise<number> => {
  let least = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
    const { heapUsed, external } = process.memoryUsage()
    least = Math.min(least, heapUsed + external)
  }
  return least
}

/** What is to be zero, now. */
const counts = (): Record<string, number> => {
  const { connections, presence, streams, channels } = hub.health()
  return {
    'hub connections': connections,
    'hub members': presence,
    'hub streams in memory beyond the limit': Math.max(0, streams - names),
    'hub channels beyond the limit': Math.max(0, channels - names),
    'sessions at the hub': Math.max(0, alive(atHub) - streams),
    'hub timers': Math.max(0, ofHub.timers() - before.timers),
    'client timers': ofClients.timers(),
    subscriptions: Math.max(0, subscriptions() - before.subscriptions),
  }
}
/** The counts once they are zero, or after a long time as they are. */
const countsAtRest = async (): Promise<Record<string, number>> => {
  const isZero = () => Object.values(counts()).every((count) => count === 0)
  await eventually(isZero, patience).catch(() => undefined)
  return counts()
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
    heaps.push(await heap(1))
  }
  await stays.close()
  return heaps
}

/** The same number of rounds with the provider's SDK alone. */
const churnBare = async (): Promise<readonly number[]> => {
  const heaps: number[] = []
  for (let round = 0; round < rounds; round++) {
    await Promise.all(Array.from({ length: clients }, () => bareSdk[provider](way)))
    heaps.push(await heap(0))
  }
  return heaps
}

/** What a client holds for each name of a channel that it has ever used. */
const useMany = async (): Promise<number> => {
  const client = open()
  await use(client, 1)
  const isLeft = (id: number | string) => channelOf(client, id).state$.get().phase === 'idle'
  await eventually(() => isLeft(1), patience)
  const before = await heap(1)
  const fresh = Array.from({ length: freshChannels }, (_, n) => `fresh-${n}`)
  for (const id of fresh) await use(client, id)
  await eventually(() => fresh.every(isLeft), patience)
  const bytes = (await heap(1)) - before
  await client.close()
  return bytes
}

await hub.ready
const before = { timers: ofHub.timers(), subscriptions: subscriptions() }
await comeAndGo()
const bareHeaps = await churnBare()
const heaps = await churn()
const freshBefore = await heap(0)
const perName = (await useMany()) / freshChannels
const perNameAfterwards = ((await heap(0)) - freshBefore) / freshChannels
const atRest = await countsAtRest()
// A write stream in memory, of which there is a bound, has the identity that it is of.
const undead = graveyard.undead()

await kill()
for (const each of [proxy, toProvider]) await each.close()
// What `fetch` keeps open for the next request.
const fetching = (globalThis as Record<symbol, unknown>)[Symbol.for('undici.globalDispatcher.1')]
await (fetching as { destroy(): Promise<void> } | undefined)?.destroy()
const resourcesOf = (kind: string): number =>
  process.getActiveResourcesInfo().filter((each) => each.startsWith(kind)).length
await eventually(() => resourcesOf('TCP') + resourcesOf('Timeout') + ofHub.timers() === 0, patience).catch(
  () => undefined,
)
const report: SoakReport = {
  provider,
  clients: graveyard.count(),
  heaps,
  bareHeaps,
  perName,
  perNameAfterwards,
  undead,
  counts: {
    ...atRest,
    sockets: resourcesOf('TCP'),
    'timers of the process': resourcesOf('Timeout'),
    'hub timers at its end': ofHub.timers(),
  },
}
process.stdout.write(`report ${JSON.stringify(report)}\n`)
