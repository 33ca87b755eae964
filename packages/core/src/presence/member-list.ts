import type { Schema } from '../contract/schema.ts'
import type { Environment } from '../environment/environment.ts'
import type { SynclineError } from '../errors/syncline-error.ts'
import type { PresenceChange, PresenceStatus, SharedPresence, WireMember } from '../protocol/frames.ts'
import { createState, type WritableState } from '../state/state.ts'
import { createParsed, type Parsed } from './parsed.ts'
import type { Member, MemberCursor } from './presence.ts'

/** A member that types renews it every 2 s: after this long without, its word to stop was lost. */
const TYPING_LASTS = 5_000

export interface MemberListOptions {
  readonly state: Schema
  /** Left out: members have no cursors. */
  readonly cursor: Schema | undefined
  readonly environment: Environment
  report(error: SynclineError): void
}

/** Everybody on the channel, as the hub tells it. */
export interface MemberList {
  readonly members$: WritableState<readonly Member<unknown>[]>
  /** The cursors of others. */
  readonly cursors$: WritableState<readonly MemberCursor<unknown, unknown>[]>
  /**
   * Takes the whole list. `grace`: the hub began with an empty one, so who is missing has this many ms to come back
   * and is shown meanwhile.
   */
  load(members: readonly WireMember[], grace?: number): void
  apply(changes: readonly PresenceChange[]): void
  /** The own member's id. */
  identify(id: string): void
  clear(): void
}

interface Entry {
  readonly id: string
  person: string
  since: number
  status: PresenceStatus
  typing: boolean
  /** The state as it came. */
  raw: unknown
  readonly state: Parsed
  readonly cursor: Parsed | undefined
  member?: Member<unknown> | undefined
  shown?: MemberCursor<unknown, unknown> | undefined
  quiet(): void
}

const isEqual = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

const isSame = (a: Member<unknown>, b: Member<unknown>): boolean =>
  a.state === b.state &&
  a.status === b.status &&
  a.typing === b.typing &&
  a.self === b.self &&
  a.since === b.since &&
  a.person === b.person

const byEntrance = (a: Entry, b: Entry): number =>
  a.since - b.since || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

export const createMemberList = ({ state, cursor, environment, report }: MemberListOptions): MemberList => {
  const members$ = createState<readonly Member<unknown>[]>([])
  const cursors$ = createState<readonly MemberCursor<unknown, unknown>[]>([])
  let entries = new Map<string, Entry>()
  /** Those that the hub has not heard of since it began anew. */
  const awaited = new Set<string>()
  let cancelGrace = (): void => {}
  let self: string | undefined
  let unsorted = false
  let membersChanged = false
  let cursorsChanged = false

  const publish = (): void => {
    if (unsorted) entries = new Map([...entries].sort(([, a], [, b]) => byEntrance(a, b)))
    unsorted = false
    const members: Member<unknown>[] = []
    const cursors: MemberCursor<unknown, unknown>[] = []
    for (const { member, shown } of entries.values()) {
      if (membersChanged && member) members.push(member)
      if (shown) cursors.push(shown)
    }
    const [tellMembers, tellCursors] = [membersChanged, cursorsChanged]
    membersChanged = cursorsChanged = false
    if (tellMembers) members$.set(members)
    if (tellCursors) cursors$.set(cursors)
  }

  // One member

  const showCursor = (entry: Entry): void => {
    const before = entry.shown
    const { member, cursor } = entry
    entry.shown = member && !member.self && cursor?.valid ? { member, cursor: cursor.value } : undefined
    if (before || entry.shown) cursorsChanged = true
  }
  const show = (entry: Entry): void => {
    const { id, person, since, status, typing, member, state } = entry
    const next = { id, person, since, state: state.value, status, typing, self: id === self }
    if (state.valid && member && isSame(member, next)) return
    entry.member = state.valid ? next : undefined
    membersChanged = true
    showCursor(entry)
  }
  const setTyping = (entry: Entry, typing: boolean): void => {
    entry.quiet()
    entry.typing = typing
    if (!typing) return
    entry.quiet = environment.setTimer(TYPING_LASTS, () => {
      entry.typing = false
      show(entry)
      publish()
    })
  }
  const setCursor = (entry: Entry, raw: unknown): void => {
    if (raw == null) entry.cursor?.clear()
    else entry.cursor?.set(raw)
    showCursor(entry)
  }
  const remove = (id: string): void => {
    const entry = entries.get(id)
    if (!entry) return
    entry.quiet()
    entries.delete(id)
    awaited.delete(id)
    membersChanged = cursorsChanged = true
  }

  const create = ({ id, person, since, status, state: raw }: WireMember): Entry => {
    const late = (): void => {
      show(entry)
      showCursor(entry)
      publish()
    }
    const entry: Entry = {
      id,
      person,
      since,
      status,
      typing: false,
      raw,
      state: createParsed(state, `presence of ${id}`, report, late),
      cursor: cursor && createParsed(cursor, `cursor of ${id}`, report, late),
      quiet: () => {},
    }
    entry.state.set(raw)
    entries.set(id, entry)
    unsorted = true
    return entry
  }
  /** A member as a whole: what is left out it does not share. */
  const put = (wire: WireMember): void => {
    const { id, person, since, status, state: raw, typing = false } = wire
    const entry = entries.get(id) ?? create(wire)
    if (!isEqual(entry.raw, raw)) entry.state.set(raw)
    if (entry.since !== since) unsorted = true
    Object.assign(entry, { person, since, status, raw })
    awaited.delete(id)
    setTyping(entry, typing)
    show(entry)
    setCursor(entry, wire.cursor)
  }
  const update = (id: string, { state: raw, status, typing, cursor }: SharedPresence): void => {
    const entry = entries.get(id)
    if (!entry) return
    if (raw !== undefined) {
      entry.raw = raw
      entry.state.set(raw)
    }
    if (status !== undefined) entry.status = status
    if (typing !== undefined) setTyping(entry, typing)
    // Cursors move often, and are no part of what is shown of a member.
    if (raw !== undefined || status !== undefined || typing !== undefined) show(entry)
    if (cursor !== undefined) setCursor(entry, cursor)
  }
  /** Shown without what was of the moment. */
  const hush = (entry: Entry): void => {
    setTyping(entry, false)
    show(entry)
    setCursor(entry, null)
  }
  const giveUp = (): void => {
    for (const id of awaited) remove(id)
    publish()
  }

  return {
    members$,
    cursors$,
    load: (members, grace) => {
      const listed = new Set(members.map(({ id }) => id))
      for (const [id, entry] of entries) {
        if (listed.has(id)) continue
        if (grace !== undefined) {
          awaited.add(id)
          hush(entry)
        } else if (!awaited.has(id)) remove(id)
      }
      for (const wire of members) put(wire)
      if (grace !== undefined) {
        cancelGrace()
        cancelGrace = environment.setTimer(grace, giveUp)
      }
      publish()
    },
    apply: (changes) => {
      for (const change of changes)
        if (change[0] === 'enter') put(change[1])
        else if (change[0] === 'update') update(change[1], change[2])
        else remove(change[1])
      publish()
    },
    identify: (id) => {
      if (self === id) return
      const before = self
      self = id
      // A ghost of one's own, under the id that one had.
      if (before !== undefined && awaited.has(before)) remove(before)
      for (const known of [before, id]) {
        const entry = known !== undefined && entries.get(known)
        if (entry) show(entry)
      }
      publish()
    },
    clear: () => {
      cancelGrace()
      for (const id of entries.keys()) remove(id)
      publish()
    },
  }
}
