import type { Observable } from 'rxjs'
import type { SynclineError } from '../errors/syncline-error.ts'
import type { Anchor, Position } from '../protocol/position.ts'
import type { State } from '../state/state.ts'
import type { HubLink } from '../transport/hub-link.ts'

/** One message of a channel, its data parsed. */
export interface Message<Event extends string = string, Data = unknown> {
  readonly id: string
  readonly channel: string
  readonly event: Event
  readonly data: Data
  readonly position: Position
  /** When the hub took it, ms since 1970. */
  readonly timestamp: number
  /** The write that caused it, if a client's write did. */
  readonly writeId: string | undefined
}

/** Where a channel stands. */
export type ChannelPhase =
  /** Not joined. */
  | 'idle'
  /** Joined or joining, and reading what it missed. `live` only after the head was confirmed. */
  | 'catching-up'
  /** Everything up to a recently confirmed head was delivered. */
  | 'live'
  /** Messages are missing and being fetched. */
  | 'gap'
  /** The hub no longer holds the range: a snapshot takes its place (then `live`). */
  | 'snapshot'
  /** Not connected; goes on from its position. */
  | 'offline'
  /**
   * The hub refused the join or took access away: see `error`. Asked again on the next subscription, on `refresh()`,
   * with the next session, and when the hub said when.
   */
  | 'refused'

export interface ChannelState {
  readonly phase: ChannelPhase
  /** The last message delivered; undefined before the first join. */
  readonly position: Anchor | undefined
  /** The hub's newest position as last heard. */
  readonly head: Position | undefined
  /** Writes of this client to the channel that are not yet accepted. */
  readonly pending: number
  readonly error: SynclineError | undefined
}

/** A range that will not be delivered: everything after `after` up to `through` (the new start). */
export interface Missed {
  readonly after: Anchor | undefined
  readonly through: Anchor
}

/** A snapshot as it came: the state (parsed) and the position that it belongs to. */
export interface Snapshot {
  readonly state: unknown
  readonly position: Anchor
  /** Writes of this client that are in the state and may not be answered yet. */
  readonly writes: readonly string[]
}

/** Messages delivered together: all of one write are in one batch. In order, without a hole. */
export interface Batch {
  readonly messages: readonly Message[]
  /** The position after the batch. */
  readonly position: Anchor
  /** Messages that failed their schema: the state they belong to is stale from here. */
  readonly invalid: readonly SynclineError[]
}

/** What happens on a channel, in one order: what views fold. */
export type ChannelOccurrence =
  | { readonly type: 'batch'; readonly batch: Batch }
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly type: 'missed'; readonly missed: Missed }

/** A channel's log on the client, untyped: the stage that handles and views are made from. */
export interface ChannelLog {
  readonly name: string
  readonly state$: State<ChannelState>
  /** Subscribing joins; the last unsubscription leaves after the linger. */
  readonly occurrences$: Observable<ChannelOccurrence>
  readonly errors$: Observable<SynclineError>
  /** The hub has confirmed the join in this session. */
  readonly joined: boolean
  /** Where it did so, once the state that it gave is there too: the head in `state$` was heard there. */
  readonly session: HubLink | undefined
  /**
   * A view says what it needs before it subscribes: the position that its stored state belongs to, or a
   * snapshot. Returns the withdrawal. The channel joins at the oldest position needed, once every `at` that is
   * a promise (a stored state being read) has settled.
   */
  need(need: {
    readonly at: Anchor | undefined | Promise<Anchor | undefined>
    readonly snapshot: boolean
  }): () => void
  /** Asks the hub for a fresh snapshot; it comes as an occurrence. */
  refresh(): void
  /** True when everything up to this position was delivered (or it is of an older epoch). */
  hasPassed(position: Position): boolean
  /** Takes a failure that another stage has with the channel, for `errors$`. */
  report(error: SynclineError): void
}
