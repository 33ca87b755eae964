import {
  type AnyContract,
  type ChannelHandle,
  type Client,
  createClient,
  createView,
  memoryStorage,
  type Receipt,
  type View,
} from '@syncline/core'
import { channelPresence, type Member, type PresenceOf } from '@syncline/core/presence'
import type { Chance } from '../chance.ts'
import type { ClientDisk } from '../client-disk.ts'
import { directTransport } from '../direct-link.ts'
import type { Endpoint } from '../endpoint.ts'
import type { LossyProvider } from '../lossy-provider.ts'
import { createMachine, createTabMemory, type Machine } from '../machine.ts'
import type { Scheduler } from '../scheduler.ts'
import { simulatedFetch } from '../simulated-fetch.ts'
import { createWire, type Wire } from '../wire.ts'
import {
  type Contracts,
  contractsOf,
  type How,
  type Input,
  type PersonState,
  type Shown,
  tagsHere,
} from './app.ts'
import type { Authority } from './authority.ts'
import type { TabContext } from './tab-context.ts'
import type { Truth } from './truth.ts'
import type { Promised } from './violation.ts'
import { type OrderWatch, watchOrder } from './watch-order.ts'
import { watchReceipt } from './watch-receipt.ts'
import { watchView } from './watch-view.ts'
import type { MadeWrite, WriteBook } from './writes.ts'

/** What a tab is at the moment: a later run of it may be something else. */
export interface TabSettings {
  /** Which device's storage it uses. */
  readonly device: number
  person: string
  provider: 'direct' | 'lossy'
  version: 1 | 2
  /** Its outbox lives in memory only. */
  readonly inMemory: boolean
  /** Milliseconds by which its clock is ahead. */
  skew: number
}

/** What all tabs share. */
export interface TabWorld {
  readonly scheduler: Scheduler
  readonly chance: Chance
  readonly truth: Truth
  readonly book: WriteBook
  readonly disks: readonly ClientDisk[]
  readonly endpoint: Endpoint
  readonly provider: LossyProvider
  readonly authority: Authority
  readonly laterSchemas: boolean
  readonly linger: number
  readonly bufferMessages: number
  log(line: string): void
  happened(fault: string): void
  violated(promise: Promised, message: string): void
  /** Nobody else uses the device's storage, and its locks end with their holders. */
  isAlone(device: number): boolean
  /** What other open tabs have in storages, by write id. */
  heldElsewhere(tab: Tab): ReadonlySet<string>
  /** Something happened that keeps a client from refreshing its token in time. */
  mayExpire(): boolean
  /** Nothing has touched this member for a while that could make it leave a list. */
  isSteady(list: string, memberId: string, quiet: number): boolean
  hasForgotten(): boolean
  mayBeUnknown(write: MadeWrite): boolean
  /** The hub may have the answer to it in its store only. */
  hubMayNotKnow(write: MadeWrite): boolean
  hasVersions(): boolean
  hasClockTrouble(): boolean
  hadDiskTrouble(): boolean
}

type ListPresence = PresenceOf<Contracts['list']>

/** A channel as a run of a client follows it. */
export interface Followed {
  readonly handle: ChannelHandle<AnyContract>
  readonly view: View<Shown>
  readonly order: OrderWatch
  stop(): void
}

/** One run of a client: from its opening to its close or crash. */
export interface Run {
  readonly name: string
  readonly machine: Machine
  readonly client: Client
  readonly person: string
  readonly version: 1 | 2
  readonly storage: string
  readonly followed: Map<string, Followed>
  /** Made once for each channel: two that persist under one name would write over one another. */
  readonly views: Map<string, View<Shown>>
  readonly receipts: Map<MadeWrite, Receipt>
  readonly presences: Map<string, ListPresence>
  /** The lists whose members its app looks at. */
  readonly watching: Set<string>
  closing: boolean
  /** Since when it is connected; undefined: it is not. */
  connectedAt: number | undefined
}

/** A browser tab over time. */
export interface Tab {
  readonly index: number
  readonly settings: TabSettings
  readonly wire: Wire
  /** The run that lives; undefined between two. */
  readonly run: Run | undefined
  open(): void
  /** Copies another tab, as a browser's "duplicate" does, and opens that. */
  duplicate(of: Tab): void
  close(): void
  signOut(discardWrites: boolean): void
  crash(acts: number): void
  join(channel: string): void
  leave(channel: string): void
  mutate(channel: string, how: How, key: string | undefined): void
  publish(channel: string, key: string | undefined): void
  retryParked(): void
  discard(which: 'parked' | 'pending'): void
  /** False: nothing was parked. */
  discardParked(): boolean
  present(list: string, act: 'enter' | 'update' | 'exit' | 'typing' | 'cursor'): void
  /** Which lists it has entered, in this run, and with which state. */
  readonly entered: ReadonlyMap<string, number>
  /** Its own member of a list, where it has been quiet for a while. */
  steadyMember(
    list: string,
    quiet: number,
  ): { readonly id: string | undefined; readonly connectedAt: number } | undefined
  /** Whom its app sees on a list; undefined where it does not look. */
  watched(list: string): SeenMembers | undefined
}

/** The members of a list as an app sees them. */
export interface SeenMembers {
  readonly name: string
  readonly status: string
  readonly members: readonly Member<PersonState>[]
}

/** After so many milliseconds all have heard of what a member did. */
const STEADY = 10_000

/** The name of the storage of a person on a device. */
export const storageOf = ({ device, person }: Pick<TabSettings, 'device' | 'person'>): string =>
  `device ${device}, ${person}`

const contractOf = (
  { list, own, feed }: Contracts,
  channel: string,
): [AnyContract, Record<string, string>] => {
  const [kind, parameter = ''] = channel.split('/')
  if (kind === 'list') return [list, { id: parameter }]
  return kind === 'own' ? [own, { person: parameter }] : [feed, {}]
}

export const createTab = (index: number, settings: TabSettings, world: TabWorld): Tab => {
  const { scheduler, truth, book } = world
  const chance = world.chance.fork(`tab ${index}`)
  const wire = createWire(chance.fork('wire'))
  /** What the app subscribes to when it starts. */
  const joined = new Set<string>()
  let memory = createTabMemory()
  let runs = 0
  let tags = 0
  let states = 0
  let orders = 0
  let run: Run | undefined
  let entered = new Map<string, number>()
  /** When it entered or left a list last. */
  const moved = new Map<string, number>()

  const end = (ended: Run): void => {
    if (run !== ended) return
    run = undefined
    entered = new Map()
  }

  const open = (): void => {
    if (run) return
    const name = `tab${index}.${++runs}`
    const { device, person, version, inMemory } = settings
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
          })
        : world.provider.transport(machine, wire)
    const client = createClient({
      environment: machine.environment,
      transport,
      identity: person,
      token: () => world.authority.give(person, machine),
      storage: inMemory ? memoryStorage() : disk.storage(machine),
      channels: { linger: world.linger, bufferMessages: world.bufferMessages },
    })
    const opened: Run = {
      name,
      machine,
      client,
      person,
      version,
      storage: inMemory ? `memory of ${name}` : storageOf(settings),
      followed: new Map(),
      views: new Map(),
      receipts: new Map(),
      presences: new Map(),
      watching: new Set(),
      closing: false,
      connectedAt: undefined,
    }
    run = opened
    machine.onDeath(() => end(opened))
    world.log(`${name} opens as ${person} on device ${device} over ${settings.provider}, version ${version}`)
    watchClient(opened, disk)
    for (const channel of joined) follow(opened, channel)
  }

  const contextOf = new WeakMap<Run, TabContext>()
  const watchClient = (of: Run, disk: ClientDisk): void => {
    const { machine, client, name } = of
    const isRefused = (channel: string): boolean => {
      const { phase, error } = of.followed.get(channel)?.handle.state$.get() ?? {}
      return phase === 'refused' && error?.retryAfter === undefined
    }
    const context: TabContext = {
      name,
      version: of.version,
      truth,
      scheduler,
      book,
      alive: () => machine.alive,
      log: world.log,
      violated: world.violated,
      soon: (callback) => void machine.deliver(0, callback),
      onEnd: () => {},
      receipts: of.receipts,
      pending: () => client.outbox.pending$.get(),
      loaded: () => client.outbox.loaded$.get(),
      lastOn: (channel) => (isRefused(channel) ? undefined : of.followed.get(channel)?.order.last),
      shownOn: (channel) => of.followed.get(channel)?.view.status$.get().position,
      isRefused,
      isAlone: world.isAlone(settings.device),
      isFollowing: (channel) => (of.followed.get(channel)?.handle.state$.get().phase ?? 'idle') !== 'idle',
      isStored: (writeId) =>
        [...(disk.contents.get(`identity:${of.person}`)?.outbox.values() ?? [])].some(
          (record) => (record as { readonly id: string }).id === writeId,
        ),
      hasForgotten: world.hasForgotten,
      mayBeUnknown: world.mayBeUnknown,
      hubMayNotKnow: world.hubMayNotKnow,
      hasVersions: world.hasVersions,
      hasClockTrouble: world.hasClockTrouble,
      hadDiskTrouble: world.hadDiskTrouble,
    }
    contextOf.set(of, context)
    const recognize = (receipts: readonly Receipt[]): void => {
      if (!machine.alive) return
      for (const receipt of receipts) {
        const write = book.all.get(receipt.id)
        if (!write || of.receipts.has(write)) continue
        if (write.person !== of.person)
          world.violated('identity', `${name} (${of.person}) has ${write.tag} of ${write.person}`)
        of.receipts.set(write, receipt)
        watchReceipt(context, write, receipt)
      }
    }
    client.outbox.pending$.subscribe(recognize)
    client.outbox.parked$.subscribe(recognize)
    let status = ''
    client.status$.subscribe(({ at }) => {
      if (machine.alive && at !== status) world.log(`${name} is ${at}`)
      if (at !== status) of.connectedAt = at === 'connected' ? scheduler.now : undefined
      status = at
    })
    client.errors$.subscribe((error) => {
      if (!machine.alive) return
      world.log(`${name} reports ${error.code}${error.detail ? `: ${error.detail.slice(0, 120)}` : ''}`)
      if (error.code === 'token-expired' && !world.mayExpire())
        world.violated('identity', `${name} lost its session, for its token was not refreshed in time`)
      if (error.code === 'internal' || error.code === 'fold-failed' || error.code === 'write-conflict')
        world.violated('no silent failure', `${name} reports ${error.code}: ${error.stack}`)
    })
  }

  const handleOf = (of: Run, channel: string): ChannelHandle<AnyContract> => {
    const [contract, parameters] = contractOf(contractsOf(of.version, world.laterSchemas), channel)
    return of.client.channel(contract as Contracts['list'], parameters as { readonly id: string })
  }
  const follow = (of: Run, channel: string): void => {
    if (of.followed.has(channel)) return
    const context = contextOf.get(of) as TabContext
    const handle = handleOf(of, channel)
    const order = watchOrder(context, handle)
    if (channel.startsWith('own/') && channel !== `own/${of.person}`)
      handle.state$.subscribe(({ phase }) => {
        if (of.machine.alive && phase === 'live')
          world.violated('identity', `${of.name} (${of.person}) is let into ${channel}`)
      })
    if (channel.startsWith('list/')) watchPresence(of, channel)
    const view = of.views.get(channel) ?? makeView(of, handle)
    of.views.set(channel, view)
    // A feed has no snapshot: its view holds what came since it was first there.
    const stopView = channel === 'feed' ? subscribeOnly(view) : watchView(context, channel, view)
    of.followed.set(channel, {
      handle,
      view,
      order,
      stop: () => {
        order.stop()
        stopView()
      },
    })
  }
  const makeView = (of: Run, handle: ChannelHandle<AnyContract>): View<Shown> => {
    const { version } = of
    const add = (state: Shown, ...more: readonly string[]): Shown => ({
      ...state,
      tags: [...state.tags, ...more],
    })
    const overlay = (state: Shown, input: Input): Shown => add(state, ...tagsHere(input))
    return createView(handle as ChannelHandle<Contracts['list']>, {
      initial: (snapshot: readonly string[] | undefined): Shown => ({ v: version, tags: snapshot ?? [] }),
      on: { done: (state, { tag }) => add(state, tag) },
      optimistic: { put: overlay, run: overlay, done: (state, { tag }) => add(state, tag) },
      persist: {
        upgrade: (state) => ({ v: version, tags: (state as Shown).tags }),
      },
    }) as View<Shown>
  }
  const subscribeOnly = (view: View<Shown>): (() => void) => {
    const subscription = view.subscribe()
    return () => subscription.unsubscribe()
  }

  const make = (
    channel: string,
    kind: 'mutate' | 'publish',
    how: How,
    key: string | undefined,
    add: (handle: ChannelHandle<Contracts['list']>, tag: string, v: 2 | undefined) => Receipt,
  ): void => {
    if (!run || run.closing || run.machine.asleep) return
    const tag = `${index}${String.fromCharCode(97 + (runs % 26))}${++tags}`
    const handle = handleOf(run, channel) as ChannelHandle<Contracts['list']>
    const receipt = add(handle, tag, run.version === 2 ? 2 : undefined)
    enterBook(run, receipt, { channel, kind, how, key, tag, isRetry: false })
  }
  const enterBook = (
    of: Run,
    receipt: Receipt,
    facts: Pick<MadeWrite, 'channel' | 'kind' | 'how' | 'key' | 'tag' | 'isRetry'>,
  ): void => {
    const write: MadeWrite = {
      ...facts,
      id: receipt.id,
      person: of.person,
      storage: of.storage,
      maker: of.name,
      order: ++orders,
      durable: false,
      accepted: false,
      committedAt: undefined,
      givenUp: false,
      last: receipt.status$.get().at,
    }
    book.add(write)
    if (of.receipts.has(write)) return
    of.receipts.set(write, receipt)
    watchReceipt(contextOf.get(of) as TabContext, write, receipt)
  }

  /** What of the person's writes no other open tab has. */
  const giveUp = ({ storage }: Run): void => {
    const held = world.heldElsewhere(tab)
    for (const write of book.all.values())
      if (write.storage === storage && !held.has(write.id)) write.givenUp = true
  }
  const finish = (of: Run, close: () => Promise<unknown>): void => {
    of.closing = true
    void close()
      .catch((error) => world.log(`${of.name} closes with ${String(error).slice(0, 80)}`))
      .then(() => {
        if (!of.machine.alive) return
        // What it said last may still be on its way.
        of.machine.deliver(12_000, () => {
          if (of.machine.timers > 0)
            world.violated('bounded memory', `${of.name} left ${of.machine.timers} timers when it was closed`)
          of.machine.kill()
        })
        end(of)
      })
  }

  const tab: Tab = {
    index,
    settings,
    wire,
    get run() {
      return run
    },
    get entered() {
      return entered
    },
    steadyMember: (list, quiet) => {
      const self = run?.presences.get(list)?.self$.get()
      if (!run || self?.at !== 'inside' || !entered.has(list) || !isAttentive(run, quiet)) return undefined
      if (scheduler.now - (moved.get(list) ?? 0) <= quiet) return undefined
      return { id: self.id, connectedAt: run.connectedAt ?? 0 }
    },
    watched: (list) => {
      const presence = run?.presences.get(list)
      if (!run || !presence || !run.watching.has(list)) return undefined
      return { name: run.name, status: presence.status$.get(), members: presence.members$.get() }
    },
    open,
    duplicate: (of) => {
      if (run) return
      memory = (of as Tab & { memory(): ReturnType<typeof createTabMemory> }).memory().copy() as typeof memory
      open()
    },
    close: () => {
      if (!run || run.closing) return
      world.log(`${run.name} closes`)
      const closing = run
      finish(closing, () => closing.client.close())
    },
    signOut: (discardWrites) => {
      if (!run || run.closing) return
      world.log(`${run.name} signs out${discardWrites ? ' and discards its writes' : ''}`)
      const leaving = run
      // A tab that goes meanwhile leaves its writes to this one.
      if (discardWrites) giveUp(leaving)
      finish(leaving, () =>
        leaving.client.signOut({ discardWrites }).finally(() => discardWrites && giveUp(leaving)),
      )
    },
    crash: (acts) => {
      if (!run) return
      const { machine } = run
      if (acts <= 0) machine.kill()
      else {
        machine.killAfter(acts)
        machine.deliver(2_000, () => machine.kill())
      }
    },
    join: (channel) => {
      joined.add(channel)
      if (run && !run.closing) follow(run, channel)
    },
    leave: (channel) => {
      joined.delete(channel)
      run?.followed.get(channel)?.stop()
      run?.followed.delete(channel)
    },
    mutate: (channel, how, key) =>
      make(channel, 'mutate', how, key, (handle, tag, v) =>
        handle.mutate(
          how === 'hang' || how === 'slow' || tags % 3 === 0 ? 'run' : 'put',
          { tag, how, v },
          {
            ...(key !== undefined && { key }),
          },
        ),
      ),
    publish: (channel, key) =>
      make(channel, 'publish', 'one', key, (handle, tag) =>
        handle.publish('done', { tag }, { ...(key !== undefined && { key }) }),
      ),
    retryParked: () => {
      const of = run
      if (!of || of.closing) return
      const parked = of.client.outbox.parked$.get()[0]
      const old = parked && book.all.get(parked.id)
      if (!parked || old?.kind !== 'mutate') return
      const tag = `${index}${String.fromCharCode(97 + (runs % 26))}${++tags}`
      const how: How = 'one'
      // From now on the one may be there or the other, should it die before it hears.
      old.givenUp = true
      // What is edited is of the contract by which the page uses the channel; of the write's own where it does not.
      handleOf(of, old.channel)
      of.client.outbox.retry(parked.id, { input: { tag, how, ...(of.version === 2 && { v: 2 }) } }).then(
        (receipt) => {
          const { channel, key } = old
          if (of.machine.alive)
            enterBook(of, receipt, { channel, kind: 'mutate', how, key, tag, isRetry: true })
        },
        (error) => world.log(`${of.name} could not retry: ${String(error).slice(0, 80)}`),
      )
    },
    discard: (which) => {
      const of = run
      if (!of || of.closing) return
      const [receipt] = which === 'parked' ? of.client.outbox.parked$.get() : of.client.outbox.pending$.get()
      const write = receipt && book.all.get(receipt.id)
      if (!write) return
      write.givenUp = true
      of.client.outbox
        .discard(write.id)
        .catch((error) => world.log(`${of.name} could not discard: ${String(error).slice(0, 80)}`))
    },
    discardParked: () => {
      const parked = run?.client.outbox.parked$.get() ?? []
      for (const { id } of parked) {
        const write = book.all.get(id)
        if (write) write.givenUp = true
        run?.client.outbox
          .discard(id)
          .catch((error) => world.log(`${id} could not be discarded: ${String(error).slice(0, 80)}`))
      }
      return parked.length > 0
    },
    present: (list, act) => {
      if (!run || run.closing || run.machine.asleep) return
      const presence = presenceOf(run, list)
      if (act === 'exit') {
        presence.exit()
        entered.delete(list)
        moved.set(list, scheduler.now)
        return
      }
      if (act === 'typing') return presence.typing()
      if (act === 'cursor') return presence.moveCursor(++states)
      if (act === 'update' && !entered.has(list)) return
      if (!entered.has(list)) moved.set(list, scheduler.now)
      entered.set(list, ++states)
      if (act === 'enter') presence.enter({ name: run.person, n: states })
      else presence.update({ name: run.person, n: states })
      return
    },
  }
  /** Awake and connected for a while, over a link that is not broken. */
  const isAttentive = ({ machine, connectedAt, closing }: Run, quiet: number): boolean =>
    machine.alive &&
    !machine.asleep &&
    !closing &&
    connectedAt !== undefined &&
    scheduler.now - Math.max(connectedAt, machine.awakeSince) > quiet &&
    [...wire.uses].every(({ silent }) => !silent.up && !silent.down)
  const watchPresence = (of: Run, list: string): void => {
    if (of.watching.has(list)) return
    of.watching.add(list)
    const presence = presenceOf(of, list)
    // What a provider loses is noticed with the heads only.
    const quiet = settings.provider === 'direct' ? STEADY : 5 * STEADY
    let before = new Map<string, number>()
    /** Since when it has the list: a hub that takes long to answer brings it old news. */
    let liveSince: number | undefined
    presence.status$.subscribe((status) => {
      liveSince = status === 'live' ? (liveSince ?? scheduler.now) : undefined
    })
    const isListening = (): boolean =>
      isAttentive(of, quiet) && liveSince !== undefined && scheduler.now - liveSince > quiet
    presence.members$.subscribe((members) => {
      if (!of.machine.alive) return
      const now = new Map(members.map(({ id, since }) => [id, since]))
      for (const [id, since] of before)
        if (now.get(id) !== since && isListening() && world.isSteady(list, id, quiet))
          world.violated(
            'presence',
            `${of.name} sees ${id} ${now.has(id) ? 'leave and enter again' : 'leave'} on ${list}, who has done neither`,
          )
      before = now
    })
  }
  const presenceOf = (of: Run, list: string): ListPresence => {
    const known = of.presences.get(list)
    if (known) return known
    const made = channelPresence(handleOf(of, list) as ChannelHandle<Contracts['list']>)
    of.presences.set(list, made)
    return made
  }
  return Object.assign(tab, { memory: () => memory })
}
