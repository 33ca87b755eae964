import type { SynclineError } from '../errors/syncline-error.ts'
import type { PresenceStatus } from '../protocol/frames.ts'
import type { State } from '../state/state.ts'

/** One connection that has entered: a tab, a process. */
export interface Member<S> {
  /** The same for the same client on the same channel, across reconnects and restarts of the hub. */
  readonly id: string
  /** Whose connection it is: the same for all of one person. */
  readonly person: string
  /** When it entered, ms since 1970. */
  readonly since: number
  readonly state: S
  readonly status: PresenceStatus
  readonly typing: boolean
  /** True for this client's own. */
  readonly self: boolean
}

/** One person, however many connections they have entered with. */
export interface Person<S> {
  readonly person: string
  /** What the most present of their connections shares; of several, the one that entered last. */
  readonly state: S
  /** The most present of all: `active` before `idle` before `away`. */
  readonly status: PresenceStatus
  readonly typing: boolean
  /** True for whoever uses this client, if it has entered. */
  readonly self: boolean
  readonly members: readonly Member<S>[]
}

/** Another's cursor. It is not part of the member, so that lists of who is here stay still while cursors move. */
export interface MemberCursor<S, Cursor> {
  readonly member: Member<S>
  readonly cursor: Cursor
}

/** Where one's own presence stands. */
export interface SelfPresence {
  /**
   * `outside`: not entered, an observer. `entering`: entered, and not (or not again) confirmed; so while there is no
   * session, whatever `client.status$` says (`offline`, `needs-auth`, `failed`). `inside`: the hub has confirmed it.
   * `refused`: the hub put one out, or does not let one join the channel, see `error`; asked again with the next
   * session, on the next `enter`, and when the hub said when, not before; who was put out also on an `update` with
   * another state, who could not join when the channel is joined again.
   */
  readonly at: 'outside' | 'entering' | 'inside' | 'refused'
  /** The own member's id, once the hub has told it. */
  readonly id: string | undefined
  readonly error: SynclineError | undefined
}

/**
 * How much the lists can be relied on. `idle`: nobody observes, they are empty. `loading`: not there yet. `live`: as
 * the hub has it. `stale`: as last known, since there is no connection or something was missed.
 */
export type PresenceListStatus = 'idle' | 'loading' | 'live' | 'stale'

/** Options of one `enter`. The last one's count. */
export interface EnterOptions {
  /** After how many ms without activity one is `idle`. Default 60,000. Where there is no page, one is never idle. */
  readonly idleAfter?: number
}

/**
 * Who is on a channel, and one's own place among them. Subscribing to a list observes: it keeps the channel joined,
 * and never enters.
 */
export interface Presence<StateIn, S, CursorIn, Cursor> {
  /** Every connection that has entered, oldest first, one's own included. Does not change while cursors move. */
  readonly members$: State<readonly Member<S>[]>
  /** The members, collapsed by person. */
  readonly people$: State<readonly Person<S>[]>
  /** Who else is typing, by person. Nobody from 5 s after the connection was lost. */
  readonly typing$: State<readonly Person<S>[]>
  /**
   * The cursors of others as last heard, none from 5 s after the connection was lost; `createCursorMotion` makes them
   * move evenly.
   */
  readonly cursors$: State<readonly MemberCursor<S, Cursor>[]>
  readonly status$: State<PresenceListStatus>
  readonly self$: State<SelfPresence>
  /**
   * Enters and stays, across reconnects, until as many of the returned functions were called as there were calls
   * (the last one takes effect at the end of the turn: who enters again within it has not left), or `exit()` was.
   * Entering again replaces the state. After the client is closed it does nothing.
   */
  enter(state: StateIn, options?: EnterOptions): () => void
  /** Replaces the state: others see a change, never a leave and a join. Does nothing where one has not entered. */
  update(state: StateIn): void
  /** Leaves at once, whoever else called `enter`. */
  exit(): void
  /** Says that one is typing, to be called at each input. Ends by itself 3 s after the last call. */
  typing(): void
  stopTyping(): void
  /**
   * Shows where one's cursor is; null takes it away. At most 30 a second are sent, the latest wins, and none where
   * there is no connection or one has not entered.
   */
  moveCursor(cursor: CursorIn | null): void
}
