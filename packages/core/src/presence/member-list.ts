import type { Environment } from '../environment/environment.ts'
import type { PresenceChange, SharedPresence, WireMember } from '../protocol/frames.ts'
import { createState, type WritableState } from '../state/state.ts'
import { byEntrance, createEntry, type Entry, type EntryOptions, isEqual, memberOf } from './member-entry.ts'
import type { Member, MemberCursor } from './presence.ts'

/** A member that types renews it every 2 s: after this long without, its word to stop was lost. */
const TYPING_LASTS = 5_000

export interface MemberListOptions extends EntryOptions {
  readonly environment: Environment
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
  /** Nobody is heard any more: shows them without what was of the moment. */
  hush(): void
  /** The own member's id. */
  identify(id: string): void
  clear(): void
}

export const createMemberList = (options: MemberListOptions): MemberList => {
  const { setTimer } = options.environment
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
    const before = entry.member
    entry.member = memberOf(entry, self)
    if (entry.member && entry.member === before) return
    membersChanged = true
    showCursor(entry)
  }
  const setTyping = (entry: Entry, typing: boolean): void => {
    entry.quiet()
    entry.typing = typing
    if (!typing) return
    entry.quiet = setTimer(TYPING_LASTS, () => {
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

  const create = (wire: WireMember): Entry => {
    const entry = createEntry(wire, options, () => {
      show(entry)
      showCursor(entry)
      publish()
    })
    entries.set(wire.id, entry)
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
        cancelGrace = setTimer(grace, giveUp)
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
    hush: () => {
      for (const entry of entries.values()) hush(entry)
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
