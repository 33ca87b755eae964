import type { Receipt } from '@syncline/core'
import type { Run } from './run.ts'
import type { Tab } from './tab.ts'
import type { World } from './world.ts'
import { tagsOn } from './writes.ts'

const sameTags = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((tag, index) => tag === b[index])

const isStoredAsHeld = (id: string, records: readonly Stored[]): boolean => {
  const own = records.find((record) => record.id === id)
  return records.some(
    ({ parked, channel, key }) =>
      own && parked && channel === own.channel && (own.parked || (key !== undefined && key === own.key)),
  )
}
/** A parked write holds back those with its key; and what another tab took over may be parked or held back there. */
const isHeldBack = (
  { clientDisks }: World,
  { client }: Run,
  { id, channel, key, status$ }: Receipt,
): boolean =>
  (key !== undefined &&
    status$.get().at === 'queued' &&
    client.outbox.parked$.get().some((parked) => parked.channel === channel && parked.key === key)) ||
  clientDisks.some(({ contents }) =>
    [...contents.values()].some(({ outbox }) => isStoredAsHeld(id, [...outbox.values()] as Stored[])),
  )

const unsettledTab = (world: World, tab: Tab): string | undefined => {
  const { run, index, entered } = tab
  const { disk, truth, book } = world
  if (!run) return `tab ${index} is not open`
  const { name, client, followed } = run
  if (run.closing) return `${name} does not come to its close`
  const { at } = client.status$.get()
  if (at !== 'connected') return `${name} is ${at}`
  if (!client.outbox.loaded$.get()) return `${name} has not read its outbox`
  const pending = client.outbox.pending$.get().find((receipt) => !isHeldBack(world, run, receipt))
  if (pending) return `${name} has ${pending.id} still ${pending.status$.get().at} on ${pending.channel}`
  for (const [channel, { handle, view, order }] of followed) {
    const { phase, position } = handle.state$.get()
    if (channel.startsWith('own/') && channel !== `own/${run.person}`) {
      if (phase !== 'refused') return `${name} is ${phase} on ${channel}`
      continue
    }
    const head = disk.head(channel)
    if (phase !== 'live') return `${name} is ${phase} on ${channel}`
    if (head && (position?.seq !== head.seq || position.epoch !== head.epoch || position.id !== head.id))
      return `${name} is at ${position?.epoch}:${position?.seq} on ${channel}, the head is ${head.epoch}:${head.seq}`
    if (order.last && head && order.last.seq !== head.seq)
      return `the app of ${name} saw ${channel} up to ${order.last.seq}, the head is ${head.seq}`
    if (channel === 'feed') continue
    const status = view.status$.get()
    if (status.at !== 'ready' || status.stale)
      return `${name} has a view of ${channel} that is ${status.stale ? 'stale' : status.at}`
    const held = client.outbox.pending$.get().flatMap(({ id }) => {
      const write = book.all.get(id)
      return write?.channel === channel ? tagsOn(write, channel) : []
    })
    const log = [...truth.fold(truth.head(channel)), ...held]
    const shown = view.get()?.tags ?? []
    if (!sameTags(shown, log))
      return `${name} shows on ${channel}\n    ${shown.join(' ')}\n  and the log folds to\n    ${log.join(' ')}`
  }
  for (const list of entered.keys()) {
    const self = run.presences.get(list)?.self$.get()
    if (self?.at !== 'inside') return `${name} is ${self?.at} on ${list}`
  }
  return undefined
}

const unsettledPresence = ({ host, tabs }: World): string | undefined => {
  const { running } = host
  if (!running) return 'there is no hub'
  for (const id of ['a', 'b']) {
    const list = `list/${id}`
    const members = running.hub.members(running.contracts.list, { id })
    const expected = tabs.flatMap(({ run, entered }) => {
      const n = entered.get(list)
      return run && n !== undefined ? [`${run.person} ${n}`] : []
    })
    const actual = members.map(({ state }) => `${state.name} ${state.n}`)
    if (expected.sort().join() !== [...actual].sort().join())
      return `on ${list} are ${actual.join(', ') || 'nobody'}, and ${expected.join(', ') || 'nobody'} should be`
    for (const { watched } of tabs) {
      const seen = watched(list)
      if (!seen) continue
      if (seen.status !== 'live') return `${seen.name} sees a list of ${list} that is ${seen.status}`
      const of = seen.members.map(({ state }) => `${state.name} ${state.n}`)
      if (of.sort().join() !== [...actual].sort().join())
        return `${seen.name} sees ${of.join(', ') || 'nobody'} on ${list}, and there are ${actual.join(', ') || 'nobody'}`
    }
  }
  return undefined
}

interface Stored {
  readonly id: string
  readonly channel: string
  readonly key?: string
  readonly parked?: unknown
}

/** What waits in a storage whose person is here, though its tab is not. */
const unsettledStorage = ({ clientDisks, tabs, book, truth }: World): string | undefined => {
  for (const [device, { contents }] of clientDisks.entries())
    for (const [name, { outbox }] of contents) {
      const isUsed = tabs.some(
        ({ run, settings }) => run && settings.device === device && !settings.inMemory && run.stored === name,
      )
      if (!isUsed) continue
      // A parked write holds back those with its key.
      const held = new Set(
        ([...outbox.values()] as Stored[]).flatMap(({ parked, channel, key }) =>
          parked && key !== undefined ? [`${channel} ${key}`] : [],
        ),
      )
      for (const record of outbox.values()) {
        const { id, parked, channel, key } = record as Stored
        if (parked || (key !== undefined && held.has(`${channel} ${key}`))) continue
        const write = book.all.get(id)
        const accepted = truth.answers(id).some(({ answer }) => answer.outcome.type === 'accepted')
        // An accepted write is kept until a view that is stored includes it: there may be none that is open.
        if (!accepted) return `${write?.tag ?? id} still waits on device ${device} for ${name}`
      }
    }
  return undefined
}

/** What is not yet as it will stay; undefined: everything has come to rest. */
export const unsettled = (world: World): string | undefined => {
  for (const tab of world.tabs) {
    const reason = unsettledTab(world, tab)
    if (reason !== undefined) return reason
  }
  return unsettledStorage(world) ?? unsettledPresence(world)
}
