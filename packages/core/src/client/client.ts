import type { Observable } from 'rxjs'
import type { ChannelState, Message, Missed } from '../channel/channel.ts'
import type { ConnectionStatus } from '../connection/connection.ts'
import type {
  AnyContract,
  EventData,
  EventInput,
  EventName,
  MutationInput,
  MutationName,
  MutationResult,
  ParametersArgument,
  PublishName,
} from '../contract/channel-contract.ts'
import type { SynclineError } from '../errors/syncline-error.ts'
import type { OutboxView, PendingWrite } from '../outbox/outbox.ts'
import type { Receipt } from '../outbox/receipt.ts'
import type { State } from '../state/state.ts'

/** Options of one write. */
export interface WriteOptions {
  /** Writes of a channel with the same key go in order. Default: none, and the write waits for no other. */
  readonly key?: string
}

/** A handle to one channel: the same for the same name. Joins on first use, lingers, leaves. */
export interface ChannelHandle<C extends AnyContract> {
  readonly name: string
  readonly contract: C
  readonly state$: State<ChannelState>
  readonly errors$: Observable<SynclineError>
  /** Ranges that were skipped because the hub no longer holds them. */
  readonly missed$: Observable<Missed>
  /** The client's outbox: the writes of all channels, each with the name of its own. */
  readonly outbox: OutboxView
  /** Listens; returns the unsubscribe. Without a callback: an Observable of messages' data. */
  on<E extends EventName<C>>(
    event: E,
    listener: (data: EventData<C, E>, message: Message<E, EventData<C, E>>) => void,
  ): () => void
  on<E extends EventName<C>>(event: E): Observable<EventData<C, E>>
  /** Every message, in order. */
  readonly messages$: Observable<Message>
  /** This client's writes to the channel that are not yet applied, oldest first: what overlays are made from. */
  readonly pending$: State<readonly PendingWrite[]>
  mutate<M extends MutationName<C>>(
    mutation: M,
    input: MutationInput<C, M>,
    options?: WriteOptions,
  ): Receipt<MutationResult<C, M>>
  publish<E extends PublishName<C>>(event: E, data: EventInput<C, E>, options?: WriteOptions): Receipt<void>
  /** Runs for every accepted mutation of that name, also of writes from before a reload. Returns the unsubscribe. */
  onResult<M extends MutationName<C>>(
    mutation: M,
    listener: (result: MutationResult<C, M>, input: MutationInput<C, M>, writeId: string) => void,
  ): () => void
}

/** A client of a hub. Inert until something is used. */
export interface Client {
  readonly status$: State<ConnectionStatus>
  readonly errors$: Observable<SynclineError>
  readonly outbox: OutboxView
  channel<C extends AnyContract>(contract: C, ...parameters: ParametersArgument<C>): ChannelHandle<C>
  /** Finds a write again, also from before a reload (once `outbox.loaded$` is true). */
  receipt(id: string): Receipt | undefined
  /** Connects without using a channel. */
  connect(): void
  retryNow(): void
  /**
   * Moves the writes that were made without an identity into this identity's outbox, on purpose only.
   * Resolves with their number.
   */
  adoptAnonymous(): Promise<number>
  /** Clears stored views and overlays of this identity and closes. Unsent writes stay in its outbox unless discarded. */
  signOut(options?: { readonly discardWrites?: boolean }): Promise<void>
  /**
   * Hangs up and stores; what is queued stays in the outbox. `movesOn`: another client of this tab goes on with the
   * same durable storage at once, as when the provider is changed. Presence is then left to the hub's grace, in which
   * that client takes it over: nobody sees a leave and a join. Default false: leaves at once.
   */
  close(options?: { readonly movesOn?: boolean }): Promise<void>
}
