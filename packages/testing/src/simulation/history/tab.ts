import type { Member } from '@syncline/core/presence'
import type { Limits } from '@syncline/server'
import type { Chance } from '../chance.ts'
import type { ClientDisk } from '../client-disk.ts'
import type { Endpoint } from '../endpoint.ts'
import type { LossyProvider } from '../lossy-provider.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Wire } from '../wire.ts'
import type { How, PersonState } from './app.ts'
import type { Authority } from './authority.ts'
import type { Continuity } from './continuity.ts'
import type { Denials } from './denials.ts'
import type { Earliest } from './earliest.ts'
import type { Registers } from './registers.ts'
import type { Run } from './run.ts'
import type { Signs } from './signs.ts'
import type { TabSettings } from './tab-settings.ts'
import type { Truth } from './truth.ts'
import type { Promised } from './violation.ts'
import type { MadeWrite, WriteBook } from './writes.ts'

/** What all tabs share. */
export interface TabWorld {
  readonly scheduler: Scheduler
  readonly chance: Chance
  readonly truth: Truth
  readonly book: WriteBook
  readonly registers: Registers
  readonly disks: readonly ClientDisk[]
  readonly endpoint: Endpoint
  readonly provider: LossyProvider
  readonly authority: Authority
  readonly denials: Denials
  readonly continuity: Continuity
  readonly signs: Signs
  readonly laterSchemas: boolean
  /** The hub's. */
  readonly limits: Limits
  readonly linger: number
  readonly bufferMessages: number
  log(line: string): void
  happened(fault: string): void
  violated(promise: Promised, message: string): void
  /** What other open tabs have in storages, by write id. */
  heldElsewhere(tab: Tab): ReadonlySet<string>
  /** What may be seen of a channel at the earliest. */
  earliest(channel: string): Earliest | undefined
  /** Something happened that keeps a client from refreshing its token in time. */
  mayExpire(of: Run): boolean
  /** Nothing has touched this member for a while that could make it leave a list. */
  isSteady(list: string, memberId: string, quiet: number): boolean
  /** A backup was restored, or the hub's disk lost. */
  mayBeSetBack(): boolean
  /**
   * The hub was set back since the session in which it was sent first; or before, and it is another session, of another
   * tab perhaps, that hears first that the hub does not know the stream.
   */
  mayBeUnknown(write: MadeWrite, session: number): boolean
  /** The hub may have the answer to it in its store only. */
  hubMayNotKnow(write: MadeWrite): boolean
  /** The disk was full or broken when it was to be stored, or so shortly before that nothing had been tried again. */
  hadDiskTrouble(write: MadeWrite): boolean
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
