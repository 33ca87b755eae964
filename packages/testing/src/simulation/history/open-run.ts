import { createClient, memoryStorage, type Token } from '@syncline/core'
import type { Chance } from '../chance.ts'
import type { ClientDisk } from '../client-disk.ts'
import { directTransport } from '../direct-link.ts'
import { createMachine, type createTabMemory } from '../machine.ts'
import { simulatedFetch } from '../simulated-fetch.ts'
import type { Wire } from '../wire.ts'
import type { Run } from './run.ts'
import type { TabWorld } from './tab.ts'
import { ownerOf, storageOf, type TabSettings } from './tab-settings.ts'
import { watchJoins } from './watch-joins.ts'
import { watchPatience } from './watch-patience.ts'

/** What one run of a tab is opened with. */
export interface Opening {
  readonly name: string
  readonly settings: TabSettings
  readonly world: TabWorld
  readonly chance: Chance
  readonly wire: Wire
  readonly memory: ReturnType<typeof createTabMemory>
}

const asGiven =
  (person: string) =>
  (given: Token): Token => ({ ...given, token: `${person}|${given.token.split('|')[1]}` })

/** Opens a client on a machine of its own. */
export const openRun = ({ name, settings, world, chance, wire, memory }: Opening): Run => {
  const { scheduler } = world
  const { device, person, version, inMemory, anonymous } = settings
  const disk = world.disks[device] as ClientDisk
  const machine = createMachine({
    name,
    scheduler,
    chance: chance.fork(name),
    tab: memory,
    skew: settings.skew,
    fetch: (self) => simulatedFetch(self, wire, world.endpoint),
    threw: (error) =>
      world.violated(
        'no silent failure',
        `${name} threw: ${error instanceof Error ? error.stack : String(error)}`,
      ),
  })
  const transport =
    settings.provider === 'direct'
      ? directTransport({
          scheduler,
          machine,
          wire,
          endpoint: world.endpoint,
          vanishes: () => chance.happens(0.25),
          unread: {
            ...world.limits,
            tooMuch: (message) => world.violated('bounded memory', `for ${name} ${message}`),
          },
        })
      : world.provider.transport(machine, wire)
  const joins = watchJoins(transport, () => ({ at: scheduler.now, commits: world.truth.commits.length }))
  const stored = anonymous ? 'anonymous' : `identity:${person}`
  const token = (): Promise<Token> => world.authority.give(person, machine)
  const client = createClient({
    environment: machine.environment,
    transport: watchPatience(joins.transport, scheduler, machine.environment.signals$, (message) => {
      if (machine.alive) world.violated('flow control', `${name} ${message}`)
    }),
    // Without an identity nobody can tell that the first token is of another.
    ...(anonymous ? { token: () => token().then(asGiven(person)) } : { identity: person, token }),
    storage: inMemory ? memoryStorage() : disk.storage(machine),
    channels: { linger: world.linger, bufferMessages: world.bufferMessages },
  })
  return {
    name,
    machine,
    client,
    person,
    version,
    storage: inMemory ? `memory of ${name}` : storageOf(settings),
    stored,
    owner: () => (anonymous ? ownerOf(disk) : person),
    followed: new Map(),
    views: new Map(),
    receipts: new Map(),
    presences: new Map(),
    watching: new Set(),
    closing: false,
    openedAt: scheduler.now,
    connectedAt: undefined,
    sessionSince: scheduler.now,
    joins,
  }
}
