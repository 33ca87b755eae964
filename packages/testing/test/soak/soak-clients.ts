import {
  type Client,
  createClient,
  createDefaultEnvironment,
  createView,
  type Transport,
} from '@syncline/core'
import { channelPresence } from '@syncline/core/presence'
import { eventually, until } from '../../src/until.ts'
import { room } from '../four-providers/room.ts'
import { countSubscriptions, countTimers, createGraveyard } from './live-counts.ts'
import { names } from './soak-hub.ts'

const patience = { timeout: 30_000 }

export interface SoakClients {
  /** One that stays until it is closed, connected. */
  readonly open: () => Promise<Client>
  /** Reads, watches and is on a channel, and leaves it. */
  readonly use: (client: Client, id: number | string) => Promise<void>
  /** All channels of these names were left. */
  readonly left: (client: Client, ids: readonly (number | string)[]) => Promise<unknown>
  /** A client that comes, uses a channel, writes, and goes. */
  readonly comeAndGo: () => Promise<void>
  /** Does something that breaks the client's link, and waits until it is back. */
  readonly reconnect: (client: Client, cut: () => void) => Promise<void>
  /** What is zero while no client is there. */
  readonly counts: () => Record<string, number>
  readonly graveyard: ReturnType<typeof createGraveyard>
}

/** Clients of which everything can be counted. */
export const createSoakClients = (transport: () => Transport): SoakClients => {
  const subscriptions = countSubscriptions()
  const { environment, timers } = countTimers(createDefaultEnvironment())
  const graveyard = createGraveyard()
  let opened = 0

  const create = (): Client => {
    const name = `person-${opened++ % names}`
    const client = createClient({
      transport: transport(),
      environment,
      token: () => name,
      backoff: { firstDelay: 10, cap: 50 },
      attemptTimeout: 10_000,
      channels: { linger: 10 },
    })
    graveyard.bury('client', client)
    return client
  }
  const channelOf = (client: Client, id: number | string) => client.channel(room, { id })
  const connected = (client: Client) => until(client.status$, ({ at }) => at === 'connected', patience)

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

  return {
    use,
    graveyard,
    counts: () => ({ subscriptions: subscriptions(), 'client timers': timers() }),
    open: async () => {
      const client = create()
      client.connect()
      await connected(client)
      return client
    },
    left: (client, ids) => {
      const isLeft = (id: number | string) => channelOf(client, id).state$.get().phase === 'idle'
      return eventually(() => ids.every(isLeft), patience)
    },
    comeAndGo: async () => {
      const client = create()
      const line = { id: crypto.randomUUID(), text: 'x'.repeat(100) }
      await Promise.all([use(client, 1), channelOf(client, 1).mutate('line:say', line).result])
      await client.close()
    },
    reconnect: async (client, cut) => {
      const lost = until(client.status$, ({ at }) => at === 'reconnecting', patience)
      cut()
      await lost
      await connected(client)
    },
  }
}
