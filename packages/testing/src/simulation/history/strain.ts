import type { ChannelHandle } from '@syncline/core'
import type { Limits } from '@syncline/server'
import type { Contracts } from './app.ts'
import type { HubSettings } from './hub-host.ts'
import { handleOf, type Run } from './run.ts'
import type { World } from './world.ts'

/** How many channels are used for a moment: more than a hub of narrow limits may keep in memory. */
const CHANNELS = 12
/** Bytes of a message that alone make who does not read a slow consumer. */
const LARGE = 9_000

/** What the hub may keep of what nobody uses any more. */
type Bounds = Pick<Limits, 'idleChannels' | 'streams' | 'slowFor'>

const isBounded = (limits: Partial<Limits>): limits is Partial<Limits> & Bounds =>
  limits.idleChannels !== undefined && limits.streams !== undefined && limits.slowFor !== undefined

const runsOf = ({ tabs }: World): readonly Run[] =>
  tabs.flatMap(({ run }) => (run && !run.closing ? [run] : []))

/** So many heartbeats after which the hub and its clients know of one another's end at the latest. */
const KNOWN_WITHIN = 4
/** Milliseconds that a client waits at most before it dials again. */
const LONGEST_WAIT = 30_000

/** Every client is on this hub, and nobody else is. */
const isKnown = (world: World): boolean => {
  const { running } = world.host
  const runs = runsOf(world)
  return (
    running?.hub.health().connections === runs.length &&
    runs.every(({ connectedAt = 0 }) => connectedAt > running.startedAt)
  )
}

/** Those that vanished are missed at last: what they used is in use no longer. */
const missVanished = async (world: World, heartbeat: number): Promise<void> => {
  const until = world.scheduler.now + KNOWN_WITHIN * heartbeat + LONGEST_WAIT
  while (!isKnown(world)) {
    // A client may vanish from a link of which it hears only now that it is dead.
    for (const { wire } of world.tabs) wire.miss()
    await world.scheduler.run(500)
    const { running } = world.host
    if (!running || world.violation) return
    if (world.scheduler.now < until) continue
    world.violated(
      'bounded memory',
      `${running.machine.name} keeps ${running.hub.health().connections} links, and ${runsOf(world).length} clients are there`,
    )
    return
  }
}

/** The channels that a run is on. A view without a snapshot, as that of a feed, goes on until its client is closed. */
const channelsOf = ({ followed, presences, views }: Run): readonly string[] => [
  ...followed.keys(),
  ...presences.keys(),
  ...(views.has('feed') ? ['feed'] : []),
]

/** The lists that somebody is on or whose members somebody looks at. */
const listsInUse = ({ tabs }: World): ReadonlySet<string> =>
  new Set(tabs.flatMap(({ run, entered }) => (run ? [...run.watching, ...entered.keys()] : [])))

/** Nobody writes and all is answered: the hub keeps what is in use, and as much more as its limits say. */
const checkKept = (world: World, { idleChannels, streams }: Bounds): void => {
  const { running } = world.host
  if (!running) return
  const health = running.hub.health()
  const used = new Set(runsOf(world).flatMap(channelsOf))
  if (health.channels > Math.max(1, idleChannels) + used.size)
    world.violated(
      'bounded memory',
      `${running.machine.name} keeps ${health.channels} channels, and ${used.size} are in use`,
    )
  if (health.streams > streams)
    world.violated('bounded memory', `${running.machine.name} keeps ${health.streams} idle streams`)
  const lists = listsInUse(world)
  if (health.presence > lists.size)
    world.violated(
      'bounded memory',
      `${running.machine.name} keeps the presence of ${health.presence} channels, and ${lists.size} are in use`,
    )
}

/** Writes to many channels that nobody follows: to the last of them when all others are idle again. */
const churn = async (world: World, run: Run, laterSchemas: boolean): Promise<void> => {
  const { pending$ } = run.client.outbox
  const before = pending$.get().length
  for (let channel = 0; channel < CHANNELS; channel++) {
    const handle = handleOf(run, `list/strain${channel}`, laterSchemas) as ChannelHandle<Contracts['list']>
    handle.mutate('run', { tag: `s${channel}`, how: 'none', ...(run.version === 2 && { v: 2 }) })
    await world.scheduler.run(20)
    if (channel < CHANNELS - 3) continue
    for (let waited = 0; pending$.get().length > before && waited < 60; waited++)
      await world.scheduler.run(1_000)
  }
}

/** One that does not read is sent more than it may leave unread. */
const overfill = async (world: World, { slowFor }: Bounds): Promise<void> => {
  const { running } = world.host
  const tab = world.tabs.find(
    ({ settings, run }) => settings.provider === 'direct' && run && !run.closing && run.followed.has('feed'),
  )
  if (!running || !tab) return
  const { hub, contracts } = running
  const publish = (text: string): void =>
    void hub.publish(contracts.feed, 'done', { tag: text }).catch(() => {})
  tab.wire.rate = 0.05
  publish('l'.repeat(LARGE))
  await world.scheduler.run(500)
  publish('one more')
  // Once it is cut it reads again: one page of any size may be sent to who comes back.
  for (let waited = 0; waited < slowFor + 2_000 && tab.run?.connectedAt !== undefined; waited += 50)
    await world.scheduler.run(50)
  tab.wire.rate = undefined
}

/** After everything has come to rest: uses much for a moment, and looks at what is kept of it (bounded memory). */
export const strain = async (
  world: World,
  { heartbeat, limits, laterSchemas }: HubSettings,
): Promise<void> => {
  if (!isBounded(limits)) return
  await missVanished(world, heartbeat)
  const [run] = runsOf(world)
  if (!run || world.violation) return
  await churn(world, run, laterSchemas)
  checkKept(world, limits)
  if (!world.violation) await overfill(world, limits)
}
