import type { Client, ClientOptions, Receipt } from '@syncline/core'
import { type ClientDisk, createClientDisk } from '../client-disk.ts'
import { directTransport } from '../direct-link.ts'
import { createMachine, createTabMemory, type Machine } from '../machine.ts'
import { simulatedFetch } from '../simulated-fetch.ts'
import { createWire, type Wire } from '../wire.ts'
import { type Ground, uncaught } from './ground.ts'

/** What a simulated client is made with: `createClient({ ...parts, outbox })`. */
export type ClientParts = Required<
  Pick<ClientOptions, 'environment' | 'transport' | 'identity' | 'token' | 'storage'>
>

/** What an app keeps of itself: its client, and whatever acts and checks need (views, presences). */
export interface SimulatedApp {
  readonly client: Client
}

export interface SimulatedClientOptions {
  /** Default: its name. Two clients with one identity and one disk are two tabs of one person. */
  readonly identity?: string
  /** Default: its own. */
  readonly disk?: ClientDisk
  /** How tabs on its own disk keep out of one another's way: by Web Locks, or by leases that expire. Default `queue`. */
  readonly locks?: 'queue' | 'lease'
  /** An ordered link, or the lossy provider. Default: as the seed says. */
  readonly over?: 'direct' | 'lossy'
}

/** A page or program of a user over time: it may die and be opened again. */
export interface SimulatedClient<A extends SimulatedApp = SimulatedApp> {
  readonly name: string
  /** What its factory returned, for the run that lives; undefined between two. */
  readonly app: A | undefined
  readonly machine: Machine | undefined
  /** Its stretch of network: set `latency`, `jitter`, `rate` or `door`, call `cut()` or `silence()`. */
  readonly wire: Wire
  /** Its durable storage: set `trouble`. */
  readonly disk: ClientDisk
  /** Opens it, if it is not open. With `create`: a new version of it, this time and from then on. */
  open(create?: (parts: ClientParts) => A): void
  /** Closes it in peace. Only `open` opens it again. */
  close(): void
  /** Dies, now or just before it touches disk or network for the `acts`-th time from now on. */
  kill(acts?: number): void
  /** Its timers stop and it hears nothing, until `wake`. */
  sleep(): void
  wake(): void
  /** Its network is gone and it knows, until `online`. */
  offline(): void
  online(): void
  /** Its clock is ahead by so many milliseconds more, in later runs too. */
  clock(ms: number): void
  /** It was closed in peace. */
  readonly closed: boolean
}

interface Running<A> {
  readonly machine: Machine
  readonly app: A
}

/** Looks at each receipt once. */
const each = <R extends Receipt>(look: (receipt: R) => void) => {
  const seen = new Set<string>()
  return (receipts: readonly R[]): void => {
    for (const receipt of receipts) {
      if (!seen.has(receipt.id)) look(receipt)
      seen.add(receipt.id)
    }
  }
}

/** Errors of a client that say that its app, or Syncline, has a bug. */
const bugs: ReadonlySet<string> = new Set(['internal', 'fold-failed'])

const watch = ({ log, fail }: Ground, machine: Machine, { client }: SimulatedApp): void => {
  const { name } = machine
  const say = (what: string): void => {
    if (machine.alive) log(`${name} ${what}`)
  }
  let status = ''
  client.status$.subscribe(({ at }) => {
    if (at !== status) say(`is ${at}`)
    status = at
  })
  client.errors$.subscribe((error) => {
    say(`reports ${error.code}${error.detail ? `: ${error.detail}` : ''}`)
    if (machine.alive && bugs.has(error.code)) fail(uncaught(name, error))
  })
  const { pending$, parked$ } = client.outbox
  pending$.subscribe(
    each(({ channel, name: what, input }) => say(`writes ${what} on ${channel}: ${JSON.stringify(input)}`)),
  )
  parked$.subscribe(
    each(({ channel, name: what, reason, error }) =>
      say(`has parked ${what} on ${channel}: ${reason} (${error.code})`),
    ),
  )
}

export const createSimulatedClient = <A extends SimulatedApp>(
  ground: Ground,
  name: string,
  create: (parts: ClientParts) => A,
  options: SimulatedClientOptions = {},
): SimulatedClient<A> => {
  const { scheduler, provider, signIn, endpoint, log, fail } = ground
  const chance = ground.chance.fork(`client ${name}`)
  const wire = createWire(chance.fork('wire'))
  const { identity = name, locks = 'queue' } = options
  const { disk = createClientDisk({ scheduler, chance: chance.fork('disk'), locks }) } = options
  const { over = chance.fork('over').pick(['direct', 'lossy'] as const) } = options
  const memory = createTabMemory()
  let runs = 0
  let skew = 0
  let closed = false
  let running: Running<A> | undefined
  const alive = (): Running<A> | undefined => (running?.machine.alive ? running : undefined)

  const boot = (): Machine => {
    const run = `${name}.${++runs}`
    const machine = createMachine({
      name: run,
      scheduler,
      chance: chance.fork(run),
      tab: memory,
      skew,
      fetch: (self) => simulatedFetch(self, wire, endpoint),
      threw: (error) => fail(uncaught(run, error)),
    })
    machine.onDeath(() => log(`${run} dies`))
    return machine
  }
  const transportOf = (machine: Machine) =>
    over === 'lossy'
      ? provider.transport(machine, wire)
      : directTransport({ scheduler, machine, wire, endpoint, vanishes: () => chance.happens(0.25) })

  return {
    name,
    get app() {
      return alive()?.app
    },
    get machine() {
      return alive()?.machine
    },
    wire,
    disk,
    get closed() {
      return closed
    },
    open: (version = create) => {
      create = version
      if (alive()) return
      closed = false
      const machine = boot()
      log(`${machine.name} opens as ${identity}, over ${over}`)
      const app = create({
        environment: machine.environment,
        transport: transportOf(machine),
        identity,
        token: () => signIn.give(identity, machine),
        storage: disk.storage(machine),
      })
      running = { machine, app }
      watch(ground, machine, app)
    },
    close: () => {
      const closing = alive()
      if (!closing) return
      log(`${closing.machine.name} closes`)
      closed = true
      running = undefined
      void closing.app.client
        .close()
        .catch((error) => fail(uncaught(closing.machine.name, error)))
        // What it said last may still be on its way.
        .then(() => closing.machine.deliver(1_000, () => closing.machine.kill()))
    },
    kill: (acts = 0) => {
      const machine = alive()?.machine
      if (acts > 0) machine?.killAfter(acts)
      else machine?.kill()
    },
    sleep: () => {
      alive()?.machine.signal('hidden')
      alive()?.machine.sleep()
    },
    wake: () => {
      const machine = alive()?.machine
      if (!machine?.asleep) return
      machine.wake()
      machine.signal('resumed')
      machine.signal('visible')
    },
    offline: () => {
      alive()?.machine.signal('offline')
      wire.door = 'refusing'
      wire.cut()
    },
    online: () => {
      wire.door = 'open'
      alive()?.machine.signal('online')
    },
    clock: (ms) => {
      skew += ms
      const machine = alive()?.machine
      if (machine) machine.skew += ms
    },
  }
}
