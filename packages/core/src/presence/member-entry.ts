import type { Schema } from '../contract/schema.ts'
import type { SynclineError } from '../errors/syncline-error.ts'
import type { PresenceStatus, WireMember } from '../protocol/frames.ts'
import { createParsed, type Parsed } from './parsed.ts'
import type { Member, MemberCursor } from './presence.ts'

export interface EntryOptions {
  readonly state: Schema
  /** Left out: members have no cursors. */
  readonly cursor: Schema | undefined
  report(error: SynclineError): void
}

/** What is known of one member, and what is shown of it. */
export interface Entry {
  readonly id: string
  person: string
  since: number
  status: PresenceStatus
  typing: boolean
  /** The state as it came. */
  raw: unknown
  readonly state: Parsed
  readonly cursor: Parsed | undefined
  member: Member<unknown> | undefined
  shown: MemberCursor<unknown, unknown> | undefined
  /** Cancels the end of its typing. */
  quiet(): void
}

/** @param late runs when a schema that takes its time is done. */
export const createEntry = (
  { id, person, since, status, state: raw }: WireMember,
  { state, cursor, report }: EntryOptions,
  late: () => void,
): Entry => {
  const entry: Entry = {
    id,
    person,
    since,
    status,
    typing: false,
    raw,
    state: createParsed(state, `presence of ${id}`, report, late),
    cursor: cursor && createParsed(cursor, `cursor of ${id}`, report, late),
    member: undefined,
    shown: undefined,
    quiet: () => {},
  }
  entry.state.set(raw)
  return entry
}

export const isEqual = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

const isSame = (a: Member<unknown>, b: Member<unknown>): boolean =>
  a.state === b.state &&
  a.status === b.status &&
  a.typing === b.typing &&
  a.self === b.self &&
  a.since === b.since &&
  a.person === b.person

/** What is to be shown: the same object as before if it is the same; undefined where the state is not valid. */
export const memberOf = (entry: Entry, self: string | undefined): Member<unknown> | undefined => {
  const { id, person, since, status, typing, member, state } = entry
  if (!state.valid) return undefined
  const next = { id, person, since, state: state.value, status, typing, self: id === self }
  return member && isSame(member, next) ? member : next
}

export const byEntrance = (a: Entry, b: Entry): number =>
  a.since - b.since || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
