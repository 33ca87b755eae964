import type {
  AnyContract,
  EventInput,
  EventName,
  MutationName,
  MutationParsedInput,
  MutationReturn,
  ParametersArgument,
  Position,
  SnapshotInput,
  SynclineError,
} from '@syncline/core'
import type { Identity } from './identity.ts'

/** The parameters of a channel as its name gives them: `{ id: '42' }` for `board/42`. */
export type ParsedParameters<Name extends string> = Name extends `${string}:${infer Rest}`
  ? Rest extends `${infer Key}/${infer Tail}`
    ? { readonly [K in Key]: string } & ParsedParameters<Tail>
    : { readonly [K in Rest]: string }
  : unknown

/** Who asks, and for which channel. */
export interface ChannelRequest<C extends AnyContract, User extends Identity> {
  readonly user: User
  readonly params: ParsedParameters<C['name']>
  /** The channel's name: `board/42`. */
  readonly channel: string
}

/**
 * True, or the earliest position that this one may see; false refuses with `forbidden`. Where the log does not have that
 * position (it was lost, or restored from a backup), nothing is shown of what was there before they came: only what
 * comes while they are there.
 */
export type Authorization = boolean | { readonly since: Position }

/** Gathers a message for the channel; it is committed with the mutation's result or not at all. */
export interface Publish<C extends AnyContract> {
  <E extends EventName<C>>(event: E, data: EventInput<C, E>): void
  /** The same for another channel that the hub serves. */
  to<O extends AnyContract, E extends EventName<O>>(
    contract: O,
    ...message: [...parameters: ParametersArgument<O>, event: E, data: EventInput<O, E>]
  ): void
}

/** What a mutation handler gets. */
export interface MutationRequest<C extends AnyContract, M extends MutationName<C>, User extends Identity>
  extends ChannelRequest<C, User> {
  readonly input: MutationParsedInput<C, M>
  /**
   * The same whenever this write comes again: with `user.id` the idempotency key for a database of your own. Not
   * alone: it is the client's choice, and others see it.
   */
  readonly writeId: string
  readonly publish: Publish<C>
  /** `throw reject('reason')` refuses the write. */
  readonly reject: (reason: string) => SynclineError
  /** `throw retryLater(ms)` lets the write come again. */
  readonly retryLater: (ms: number) => SynclineError
}

/** Runs inside the commit of a store with a database (`sqliteStore`): its own tables, the messages, the stream mark and the result are one transaction. */
export interface TransactionHandler<
  C extends AnyContract,
  M extends MutationName<C>,
  User extends Identity,
  Db,
> {
  /** Synchronous. What it throws rolls all of it back. */
  transaction(request: MutationRequest<C, M, User> & { readonly db: Db }): MutationReturn<C, M>
}

/**
 * A mutation's handler. A function runs before the commit: with a database of its own it is at least once,
 * with `user.id` and `writeId` as the key to make it idempotent.
 */
export type MutationHandler<C extends AnyContract, M extends MutationName<C>, User extends Identity, Db> =
  | ((request: MutationRequest<C, M, User>) => MutationReturn<C, M> | Promise<MutationReturn<C, M>>)
  // A store without a database of its own has no transaction to run in.
  | ([Db] extends [undefined] ? never : TransactionHandler<C, M, User, Db>)

/** One handler for each mutation of the contract, no more and no fewer. */
export type MutationHandlers<C extends AnyContract, User extends Identity, Db> = {
  readonly [M in MutationName<C>]: MutationHandler<C, M, User, Db>
}

/** Reads the state that a client starts from. */
export type SnapshotHandler<C extends AnyContract, User extends Identity, Db> = (
  request: ChannelRequest<C, User> & { readonly db: Db },
) => SnapshotInput<C> | Promise<SnapshotInput<C>>

interface AuthorizeOption<C extends AnyContract, User extends Identity> {
  /** Asked at each join, resume, fetch, snapshot and write. Default: everybody may. */
  readonly authorize?: (request: ChannelRequest<C, User>) => Authorization | Promise<Authorization>
}
type SnapshotOption<C extends AnyContract, User extends Identity, Db> = [
  NonNullable<C['definition']['snapshot']>,
] extends [never]
  ? { readonly snapshot?: never }
  : { readonly snapshot: SnapshotHandler<C, User, Db> }
type MutationsOption<C extends AnyContract, User extends Identity, Db> = [MutationName<C>] extends [never]
  ? { readonly mutations?: never }
  : { readonly mutations: MutationHandlers<C, User, Db> }

/** How the hub serves a contract: what the contract declares must be there. */
export type ServeOptions<C extends AnyContract, User extends Identity, Db> = AuthorizeOption<C, User> &
  SnapshotOption<C, User, Db> &
  MutationsOption<C, User, Db>
