import type { Observable } from 'rxjs'
import type { Effect, Position } from '../protocol/position.ts'
import type { State } from '../state/state.ts'
import type { HubLink } from '../transport/hub-link.ts'
import type { ParkedWrite, Receipt } from './receipt.ts'

/** A write on its way in, before it has an id. */
export interface NewWrite {
  readonly channel: string
  readonly kind: 'mutate' | 'publish'
  readonly name: string
  /** The schema's input form; copied when the write is taken, frozen once sent. */
  readonly data: unknown
  /** Writes of a channel with the same key go in order; a parked one holds back its key only. */
  readonly key?: string | undefined
  readonly contractVersion: number
}

/** A write that lies over the state it will change. */
export interface PendingWrite {
  readonly id: string
  readonly channel: string
  readonly kind: 'mutate' | 'publish'
  readonly name: string
  readonly data: unknown
  readonly key: string | undefined
  readonly createdAt: number
  /** Set once accepted: the overlay goes when the view has passed them. */
  readonly effects: readonly Effect[] | undefined
  /** The session that accepted it; undefined where that was before a reload. */
  readonly acceptedIn?: HubLink | undefined
}

/** The result of an accepted mutation. */
export interface WriteResult {
  /** The write's id. */
  readonly id: string
  readonly channel: string
  readonly name: string
  /** The mutation's input. */
  readonly data: unknown
  readonly result: unknown
}

/** What the app sees: `client.outbox`. */
export interface OutboxView {
  /** True once what an earlier page left was read. */
  readonly loaded$: State<boolean>
  /** Writes not yet accepted, oldest first; parked ones are not among them. */
  readonly pending$: State<readonly Receipt[]>
  readonly parked$: State<readonly ParkedWrite[]>
  /**
   * Makes a new write at the tail from a parked one, with `input` if it is edited: as the contract has it by which this
   * page uses the channel, and where it does not, as the parked one has it. Resolves when it is in the outbox.
   */
  retry(id: string, edited?: { readonly input: unknown }): Promise<Receipt>
  /** Drops a pending or parked write. One that was sent is given up only if the hub has not committed it. */
  discard(id: string): Promise<void>
  /** Everything in the outbox as JSON, to save or to send to support. */
  export(): Promise<string>
}

/** What goes when a client signs out: what is shown of its writes, or what is stored of them too. */
export type Forget = 'shown' | 'stored'

/** What the other stages see. */
export interface Outbox extends OutboxView {
  add(write: NewWrite): Receipt
  receipt(id: string): Receipt | undefined
  /**
   * The channel's writes that are not yet applied, oldest first: what overlays are made from.
   * A write leaves when it is applied, parked or discarded. Inert: to look at it reads no storage.
   */
  pendingOn(channel: string): State<readonly PendingWrite[]>
  /** How many of the channel's writes are not yet accepted; costs nothing where `pendingOn` makes a list. */
  waitingOn(channel: string): State<number>
  /** Accepted results by channel, mutation and input, also of writes from before a reload. */
  readonly results$: Observable<WriteResult>
  /**
   * A write that is accepted while its channel is held stays stored (with its effects) until `settled`, so that a
   * reload before the persisted view has passed the effect still shows it. Returns the release.
   */
  hold(channel: string): () => void
  /** The persisted state of the channel includes everything up to here. */
  settled(channel: string, position: Position): void
  /** Stores and stops. */
  close(forget?: Forget): Promise<void>
}
