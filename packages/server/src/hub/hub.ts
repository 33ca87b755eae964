import type { AnyContract, EventInput, EventName, ParametersArgument, Position } from '@syncline/core'
import type { Identity } from '../channel/identity.ts'
import type { ServeOptions } from '../channel/serve-options.ts'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Limits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import type { HubMember } from '../presence/members-of.ts'
import type { Credentials } from '../session/session-context.ts'
import type { HubStore, Retention } from '../store/hub-store.ts'
import type { CorsOptions } from '../uplink/cors.ts'

export interface PresenceOptions {
  /**
   * How long a member that lost its connection stays, in milliseconds: one that comes back within it was never
   * seen leaving. Default 10,000.
   */
  readonly grace?: number
  /**
   * Milliseconds between two frames of presence to those who watch a channel; what changes meanwhile is one
   * frame. Through Pusher and Ably at least 200. Default 33.
   */
  readonly interval?: number
}

export interface HubOptions<Db, User extends Identity> {
  /** Where log, write streams and cursors live: `memoryStore()`, `sqliteStore('hub.db')`, … */
  readonly store: HubStore<Db>
  /** The providers to serve. */
  readonly gateways: readonly Gateway[]
  /**
   * Whose a link is. Throw to refuse it (`unauthenticated`). Default: everybody is `anonymous`, and whoever
   * knows a client id may use its write streams.
   */
  readonly authenticate?: (credentials: Credentials) => User | Promise<User>
  /**
   * How long `authenticate` may take, in milliseconds. A link for which it takes longer is sent away with
   * `try-later`. Default 10,000.
   */
  readonly authenticateTimeout?: number
  /** Bounds, each with a default of its own. */
  readonly limits?: Partial<Limits>
  /** The hub sends something at least this often, in milliseconds. Default 15,000. */
  readonly heartbeat?: number
  /** Who is on the channels whose contracts have a `presence`. */
  readonly presence?: PresenceOptions
  /** How much of each log is kept. Default 10,000 messages and 7 days. */
  readonly retention?: Partial<Retention> | ((channel: string) => Partial<Retention>)
  /** Write streams unused for so many milliseconds are forgotten. Default 30 days. */
  readonly streamAge?: number
  /** How long a handler or `authorize` may take, in milliseconds. Default 10,000. */
  readonly handlerTimeout?: number
  /**
   * How long a snapshot may take to be read, in milliseconds. The channel's writes wait meanwhile. Default 2,000.
   */
  readonly snapshotTimeout?: number
  /** The path under which `handler` answers. Default `/syncline`. */
  readonly basePath?: string
  /** Which other origins may use `handler`. Default: none. */
  readonly cors?: CorsOptions
  /** Default: warnings and errors to the console. */
  readonly logger?: Logger
  /** Clock, timers, chance and ids. Default: the platform's. */
  readonly environment?: HubEnvironment
}

export interface CloseOptions {
  /** The earliest that clients come back, in milliseconds; each is told a time of its own up to three times as long. Default 1,000. */
  readonly retryAfter?: number
  /** How long to wait for handlers and commits under way, in milliseconds. Default 10,000. */
  readonly within?: number
}

/** Whose access ends, and to which channel; without a channel, to the hub: all links of the subject are closed. */
export interface Revocation {
  readonly subject: string
  /** The channel's name: `board/42`. */
  readonly channel?: string
}

export interface HubHealth {
  /**
   * `starting` until the store is open; `failing` since the store refused a commit, until it takes one;
   * `fenced` once another hub opened the store: this one takes nobody and must be stopped.
   */
  readonly status: 'starting' | 'ok' | 'failing' | 'fenced' | 'closing'
  readonly store: string
  /** Links open now. */
  readonly connections: number
  /** Channels and write streams in memory. */
  readonly channels: number
  readonly streams: number
  /** Channels on which somebody is, or whose members somebody watches. */
  readonly presence: number
}

/** The ordered authority of its channels. Made by `createHub`. */
export interface Hub<Db, User extends Identity> {
  /**
   * Serves a contract. Call it before clients come.
   * @throws SynclineError `invalid-channel` when it is already served, or a name could belong to two contracts
   * @throws TypeError when `snapshot` or a handler is missing, or the store has no database for a `transaction`
   */
  serve<C extends AnyContract>(contract: C, options: ServeOptions<C, User, Db>): void
  /**
   * Publishes from the backend's own code: resolves with the position once it is durable.
   *
   * @example
   * await hub.publish(todos, 'todo:created', todo)
   * await hub.publish(board, { id: 42 }, 'card:moved', move)
   * @throws SynclineError `unknown-channel`, `unknown-event`, `schema-violation`, `too-large`,
   *   `too-many-writes`, `store-unavailable`, `fenced`, `closed` (as rejections)
   */
  publish<C extends AnyContract, E extends EventName<C>>(
    contract: C,
    ...message: [...parameters: ParametersArgument<C>, event: E, data: EventInput<C, E>]
  ): Promise<Position>
  /**
   * Who is on a channel now, by when they entered; those who lost their connection for as long as the grace lasts.
   *
   * @example
   * const names = hub.members(board, { id: 42 }).map(({ state }) => state.name)
   * @throws SynclineError `invalid-channel`
   */
  members<C extends AnyContract>(contract: C, ...parameters: ParametersArgument<C>): readonly HubMember<C>[]
  /** Ends access at once. What the subject may do from then on is up to `authorize` and `authenticate`. */
  revoke(revocation: Revocation): void
  /** The uplink and the health endpoint, for any server that speaks web-standard requests. Bound. */
  readonly handler: (request: Request) => Promise<Response>
  health(): HubHealth
  /** Resolves once the store is open; rejects if it could not be opened. */
  readonly ready: Promise<void>
  /** Finishes what is under way, tells clients to come back and when, and frees everything. */
  close(options?: CloseOptions): Promise<void>
}
