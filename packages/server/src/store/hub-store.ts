import type { Anchor, Effect, WireError } from '@syncline/core/protocol'

/** A message as the log keeps it: its place and the JSON of its `WireMessage` (encoded once, sent as it is). */
export interface StoredMessage extends Anchor {
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly json: string
}

/** A message about to be appended. The store gives it its place: `encode(seq)` makes the JSON. */
export interface NewMessage {
  readonly id: string
  readonly timestamp: number
  encode(seq: number): string
}

/** A channel as the store knows it. */
export interface ChannelRecord {
  readonly head: Anchor
  /** The oldest `seq` still held; `head.seq + 1` when none is. */
  readonly oldest: number
}

/** A write stream's identity: whose, from which client, to which channel, in which generation. */
export interface StreamKey {
  readonly subject: string
  readonly client: string
  readonly channel: string
  readonly generation: number
}

/** What the hub answered to a write; kept until the client says that it has it. */
export interface StoredAnswer {
  readonly n: number
  readonly id: string
  /** Hash of kind, name and data: the same number with another payload is a `write-conflict`. */
  readonly hash: string
  readonly outcome: /** `result` is JSON already: to the store a text like any other. */
    | { readonly type: 'accepted'; readonly result: string; readonly effects: readonly Effect[] }
    | { readonly type: 'rejected'; readonly error: WireError }
}

export interface StreamRecord {
  /** The last number taken. */
  readonly last: number
  /** Kept answers by ascending `n`. */
  readonly answers: readonly StoredAnswer[]
}

/** What one commit writes, all or nothing. */
export interface CommitPlan {
  readonly appends: readonly { readonly channel: string; readonly messages: readonly NewMessage[] }[]
  /** The stream's next number and its answer; `effects` are filled in from the appends by `answer`. */
  readonly stream?: {
    readonly key: StreamKey
    readonly n: number
    /** Numbers up to this one are answered for good: forget them. Below `n` at most. */
    readonly answered: number
    answer(effects: readonly Effect[]): StoredAnswer
  }
}

/**
 * One commit of a group. `plan` runs inside the store's transaction and may throw: then this one alone is
 * left out. `Db` is what a handler can use inside (SQLite: the `DatabaseSync`).
 */
export interface Commit<Db> {
  /**
   * True when `plan` writes through `db`: a savepoint of its own takes those writes back if it throws. Left out,
   * `plan` must not write through `db`, and the commit costs less.
   */
  readonly isolated?: boolean
  plan(db: Db): CommitPlan
}

export type CommitOutcome =
  | {
      readonly ok: true
      readonly appended: readonly {
        readonly channel: string
        readonly epoch: string
        readonly messages: readonly StoredMessage[]
      }[]
      readonly answer: StoredAnswer | undefined
    }
  /**
   * `plan`, `encode` or `answer` threw, or the stream's number was not the next one (`wrong-number`): nothing
   * of this commit is there.
   */
  | { readonly ok: false; readonly error: unknown }

/** How much of a channel's log is kept: a message goes when it is past either of the two bounds. */
export interface Retention {
  /** Messages. Default 10,000. */
  readonly count: number
  /** Milliseconds. Default 7 days. */
  readonly age: number
}

/**
 * The hub's memory: log, stream marks with answers, fan-out cursors. Append is fenced: of two hubs on one
 * store the older one's commits fail with `fenced`. Whatever else the store cannot do rejects with
 * `store-unavailable`, and the store can be used again afterwards.
 */
export interface HubStore<Db = unknown> {
  readonly name: string
  readonly durable: boolean
  /** Opens and takes the fence. */
  open(environment: { now(): number; id(): string }): Promise<void>
  /** The channel's head and oldest; made with a new epoch if it is not there. */
  channel(name: string): Promise<ChannelRecord>
  /** All channels that have messages, for driving the fan-out again after a crash. */
  channels(): Promise<readonly (readonly [name: string, record: ChannelRecord])[]>
  /** The message with this `seq`, to check an anchor. */
  at(channel: string, seq: number): Promise<StoredMessage | undefined>
  /** Messages after `after`, oldest first, at most `limit` and about `bytes` (at least one). */
  read(channel: string, after: number, limit: number, bytes: number): Promise<readonly StoredMessage[]>
  stream(key: StreamKey): Promise<StreamRecord | undefined>
  /**
   * One durable transaction for the group, in order. Rejects with `store-unavailable` (all of it is there or nothing,
   * and after an I/O error nobody can know: the hub reads heads and streams again before it goes on) or `fenced` (for
   * good, and nothing is there). An empty group writes
   * nothing and only says whether the store is still this hub's.
   */
  commit(group: readonly Commit<Db>[]): Promise<readonly CommitOutcome[]>
  /** Runs a read inside the store's own consistency: SQLite hands its database. */
  readonly db: Db
  /** Drops what retention no longer keeps and streams unused for `streamAge` ms. */
  trim(retention: (channel: string) => Retention, streamAge: number): Promise<void>
  /** How far a gateway's fan-out has come; 0 when it has not begun. */
  cursor(gateway: string, channel: string): Promise<number>
  /** Never waits for the disk: a durable store writes it with its next commit, so after a crash it may lag. */
  setCursor(gateway: string, channel: string, seq: number): Promise<void>
  close(): Promise<void>
}
