import type { WireError } from '../errors/syncline-error.ts'
import type { Anchor, Effect } from './position.ts'

/** The version of this protocol. A hub refuses another with `protocol-version`. */
export const PROTOCOL_VERSION = 1

/** One message in a frame: `[seq, id, timestamp, event, data, writeId?, more?]`; `more` 1 = the next belongs to the same write. */
export type WireMessage = readonly [
  seq: number,
  id: string,
  timestamp: number,
  event: string,
  data: unknown,
  writeId?: string | null,
  more?: 0 | 1,
]

/** One write in a frame. Everything but `n` is frozen once it was sent. */
export type WireWrite = readonly [
  n: number,
  id: string,
  /** `void` gives up number n: answered `rejected/discarded`, or with the stored answer if n was taken before. */
  kind: 'mutate' | 'publish' | 'void',
  name: string,
  /** May be a `RawJson` on the client. */
  data: unknown,
  contractVersion: number,
]

/** The hub's answer to one write. */
export type WireAnswer =
  | readonly [n: number, id: string, outcome: 'accepted', result: unknown, effects: readonly Effect[]]
  | readonly [n: number, id: string, outcome: 'rejected', error: WireError]

/**
 * A write stream: the contiguous writes of one client to one channel. The subject is the session's.
 * `generation` starts at 1 and grows when the hub no longer knows the stream.
 */
export interface StreamAddress {
  readonly channel: string
  readonly client: string
  readonly generation: number
}

export interface HelloFrame {
  readonly type: 'hello'
  readonly version: number
  readonly client: string
  /** The subject that the app believes to be signed in as; the hub refuses another with `identity-mismatch`. */
  readonly identity?: string
}
/** A fresh token for the session that is open. */
export interface AuthFrame {
  readonly type: 'auth'
  readonly token: string
}
/**
 * Joins a channel. With `at` the channel goes on after that message; without it, it starts at the head.
 * With `snapshot` the answer carries one if there is no `at` or the hub cannot go on from it.
 */
export interface JoinFrame {
  readonly type: 'join'
  readonly channel: string
  readonly at?: Anchor
  readonly snapshot?: boolean
}
export interface LeaveFrame {
  readonly type: 'leave'
  readonly channel: string
}
/** Asks for the messages after `after` (exclusive), one page; answered by `page`. */
export interface FetchFrame {
  readonly type: 'fetch'
  readonly channel: string
  readonly after: Anchor
  readonly limit?: number
}
export interface SnapshotRequestFrame {
  readonly type: 'snapshot'
  readonly channel: string
}
/** Asks for the heads of channels between heartbeats, which bring them anyhow; answered by `heads`. */
export interface HeadsRequestFrame {
  readonly type: 'heads'
  readonly channels: readonly string[]
}
export interface WritesFrame extends StreamAddress {
  readonly type: 'writes'
  /** The client has the answers to all numbers up to this one: the hub may forget them. */
  readonly answered: number
  /** None: it only tells the hub, before channels join, that the client has writes in this stream. */
  readonly writes: readonly WireWrite[]
}
export interface PingFrame {
  readonly type: 'ping'
}

/** Whether a member is at it: `idle` has done nothing for a while, `away` has hidden the page. */
export type PresenceStatus = 'active' | 'idle' | 'away'

/** What a member shares. Each field that is left out stays as it was; `cursor` null takes the cursor away. */
export interface SharedPresence {
  /** The member's state, by the contract's `presence`. */
  readonly state?: unknown
  readonly status?: PresenceStatus
  readonly typing?: boolean
  readonly cursor?: unknown
}
/** Asks for the members of a joined channel and for what changes from then on. Observing does not enter. */
export interface WatchFrame {
  readonly type: 'watch'
  readonly channel: string
}
export interface UnwatchFrame {
  readonly type: 'unwatch'
  readonly channel: string
}
/**
 * Enters a joined channel. Entering again replaces what is shared: after a reconnection within the grace the
 * member stays and nobody sees more than what changed.
 */
export interface EnterFrame extends SharedPresence {
  readonly type: 'enter'
  readonly channel: string
}
/** Changes what is shared. Does nothing where one has not entered. */
export interface UpdateFrame extends SharedPresence {
  readonly type: 'update'
  readonly channel: string
}
/** Ends one's presence at once, without a grace. */
export interface ExitFrame {
  readonly type: 'exit'
  readonly channel: string
}

/** Frames from client to hub. */
export type ClientFrame =
  | HelloFrame
  | AuthFrame
  | JoinFrame
  | LeaveFrame
  | FetchFrame
  | SnapshotRequestFrame
  | HeadsRequestFrame
  | WritesFrame
  | PingFrame
  | WatchFrame
  | UnwatchFrame
  | EnterFrame
  | UpdateFrame
  | ExitFrame

/** The session is open and this is whose it is. */
export interface WelcomeFrame {
  readonly type: 'welcome'
  readonly version: number
  readonly session: string
  readonly subject: string
  /** The hub sends something at least this often, in milliseconds. */
  readonly heartbeat: number
  readonly limits: {
    /** Bytes of one frame from the client. */
    readonly frameBytes: number
    /** Writes without an answer, for each stream. */
    readonly writesInFlight: number
    readonly channels: number
  }
}
/** A state and whose writes are in it. */
export interface SnapshotBody {
  readonly state: unknown
  /**
   * Writes of this client that are in the state and whose answers may still be on the way: their overlays go
   * as the state comes.
   */
  readonly writes?: readonly string[]
}
/**
 * The answer to `join`. The channel goes on from `start`; `messages` follow it without a hole, and `more`
 * says that the client must fetch the next page. `snapshot` is the state at `start`. `gone` says that the
 * hub could not go on from the `at` asked for.
 */
export interface JoinedFrame {
  readonly type: 'joined'
  readonly channel: string
  readonly start: Anchor
  readonly head: Anchor
  readonly messages: readonly WireMessage[]
  readonly more: boolean
  readonly gone?: boolean
  readonly snapshot?: SnapshotBody
}
/** The join (or fetch, or snapshot) is refused, or access has ended. The channel is left. */
export interface RefusedFrame {
  readonly type: 'refused'
  readonly channel: string
  readonly error: WireError
}
/** New messages, contiguous among themselves, one epoch. */
export interface MessagesFrame {
  readonly type: 'messages'
  readonly channel: string
  readonly epoch: string
  readonly messages: readonly WireMessage[]
  /**
   * The id of the message before the first one here, '' for none. Said where a provider fans out: its clients may hear
   * another hub than the one that they joined at, with a restored log that has the same epoch and numbers.
   */
  readonly after?: string
  /** The head when it is beyond the last message here (payload left out or still to come). */
  readonly head?: Anchor
}
/** The answer to `fetch`: what follows `after`. `gone`: the hub cannot go on from there. */
export interface PageFrame {
  readonly type: 'page'
  readonly channel: string
  readonly after: Anchor
  readonly messages: readonly WireMessage[]
  readonly head: Anchor
  readonly more: boolean
  readonly gone?: boolean
}
/** The answer to `snapshot`; with `error` the handler failed (`snapshot-failed`, `retryAfter`). */
export interface SnapshotFrame extends Partial<SnapshotBody> {
  readonly type: 'snapshot'
  readonly channel: string
  readonly position: Anchor
  readonly error?: WireError
}
/** Heartbeat: heads of the joined channels; `presence` is the channel's revision where anybody watches. */
export interface HeadsFrame {
  readonly type: 'heads'
  readonly heads: readonly (readonly [channel: string, head: Anchor, presence?: Revision | null])[]
}
/**
 * How far a channel's presence has come: changes counted within an `era`. A new era says that the hub began
 * with an empty list.
 */
export type Revision = readonly [era: string, count: number]
/** One connection that has entered. */
export interface WireMember {
  /** The same for the same client on the same channel, whatever session or hub process it is on. */
  readonly id: string
  /** Whose it is: the same for all connections of one person. */
  readonly person: string
  /** When it entered, ms since 1970. */
  readonly since: number
  readonly state: unknown
  readonly status: PresenceStatus
  readonly typing?: boolean
  readonly cursor?: unknown
}
/** The answer to `watch`: everybody, as of `revision`. */
export interface MembersFrame {
  readonly type: 'members'
  readonly channel: string
  readonly revision: Revision
  /** How long a member that lost its connection stays, in milliseconds. */
  readonly grace: number
  readonly members: readonly WireMember[]
}
/** One change of a member. Each can be applied twice without harm. */
export type PresenceChange =
  | readonly [op: 'enter', member: WireMember]
  | readonly [op: 'update', id: string, shared: SharedPresence]
  | readonly [op: 'leave', id: string]
/**
 * The changes after count `after` up to `revision`, those of one member drawn together. Who stands before
 * `after` has missed something and watches anew.
 */
export interface PresenceFrame {
  readonly type: 'presence'
  readonly channel: string
  readonly after: number
  readonly revision: Revision
  readonly changes: readonly PresenceChange[]
}
/** One has entered, and is the member `id`. */
export interface EnteredFrame {
  readonly type: 'entered'
  readonly channel: string
  readonly id: string
}
/** One is not a member: refused (`schema-violation`, `too-large`, …), or put out. */
export interface ExitedFrame {
  readonly type: 'exited'
  readonly channel: string
  readonly error: WireError
}
export interface AnswersFrame extends StreamAddress {
  readonly type: 'answers'
  readonly answers: readonly WireAnswer[]
}
/** Nothing from `expect` on was taken: send again from there, after `retryAfter` milliseconds if given. */
export interface BackFrame extends StreamAddress {
  readonly type: 'back'
  readonly expect: number
  readonly error: WireError
}
/** The hub does not know the stream and the number sent is not 1: what was sent before is unknown. */
export interface UnknownStreamFrame extends StreamAddress {
  readonly type: 'unknown-stream'
  /**
   * The first number of what was refused: a write from there on that was never sent before has not been taken, and
   * goes again in the next generation. Left out: all outcomes are unknown.
   */
  readonly from?: number
}
/** The hub ends the session. Without an error, or with a passing one, come back after `retryAfter` ms. */
export interface ByeFrame {
  readonly type: 'bye'
  readonly error: WireError
}
export interface PongFrame {
  readonly type: 'pong'
}
/** Something the client sent was not understood; the session goes on. */
export interface ErrorFrame {
  readonly type: 'error'
  readonly error: WireError
  readonly channel?: string
}

/** What the hub says of a write stream. */
export type StreamFrame = AnswersFrame | BackFrame | UnknownStreamFrame

/** Frames from hub to client. */
export type HubFrame =
  | WelcomeFrame
  | JoinedFrame
  | RefusedFrame
  | MessagesFrame
  | PageFrame
  | SnapshotFrame
  | HeadsFrame
  | AnswersFrame
  | BackFrame
  | UnknownStreamFrame
  | ByeFrame
  | PongFrame
  | ErrorFrame
  | MembersFrame
  | PresenceFrame
  | EnteredFrame
  | ExitedFrame
