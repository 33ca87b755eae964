import type { ChannelState, Message } from '../channel/channel.ts'
import type {
  AnyContract,
  EventData,
  EventInput,
  EventName,
  MutationInput,
  MutationName,
  PublishName,
  SnapshotState,
} from '../contract/channel-contract.ts'
import type { State } from '../state/state.ts'
import type { FoldHandlers } from './fold.ts'
import type { OptimisticHandlers, OptimisticWrite } from './overlays.ts'
import type { View } from './view.ts'
import { viewSourceOf } from './view-source.ts'
import { createViewStage } from './view-stage.ts'

/** How a view folds the events of a contract; what it leaves out does not change its state. */
export type ViewHandlers<C extends AnyContract, S> = {
  readonly [E in EventName<C>]?: (state: S, data: EventData<C, E>, message: Message<E, EventData<C, E>>) => S
}

/** What a write of that name carries: a mutation's input, or a published event's. */
export type WriteInput<C extends AnyContract, N extends string> =
  N extends MutationName<C> ? MutationInput<C, N> : N extends EventName<C> ? EventInput<C, N> : never

/** How pending writes show before the hub has taken them, by the name of the mutation or published event. */
export type OptimisticViewHandlers<C extends AnyContract, S> = {
  readonly [N in MutationName<C> | PublishName<C>]?: (
    state: S,
    input: WriteInput<C, N>,
    write: OptimisticWrite,
  ) => S
}

export interface ViewOptions<C extends AnyContract, S> {
  /** The view's name in storage; two persisted views of one channel need two. Default `'default'`. */
  readonly name?: string
  /**
   * Makes the state from the snapshot; from `undefined` where the contract has none. What it returns is the type of
   * the state. Beside handlers that are functions by reference TypeScript needs the type of its parameter:
   * `initial: (snapshot: Todo[]) => snapshot`.
   */
  readonly initial: (snapshot: SnapshotState<C>) => S
  /** Folds messages, by event. Handlers are pure: they return a new state. */
  readonly on: ViewHandlers<C, NoInfer<S>>
  /** Lays pending writes over the state. Handlers are pure and run again over what arrives meanwhile. */
  readonly optimistic?: OptimisticViewHandlers<C, NoInfer<S>>
  /**
   * Keeps state and position in the client's storage, so that a reload shows them at once and goes on from
   * there, offline too. The state must be structured-cloneable. A state of another contract version goes
   * through `upgrade`, or is dropped. Default false.
   */
  readonly persist?:
    | boolean
    | { readonly upgrade: (state: unknown, version: number) => NoInfer<S> | undefined }
}

/** What a view needs to see of a channel's handle. */
export interface ViewableChannel<C extends AnyContract> {
  readonly name: string
  readonly contract: C
  readonly state$: State<ChannelState>
}

/**
 * Makes a view: the channel's state on this client. It joins the channel when it is first subscribed to.
 * A handler that throws is reported as `fold-failed` to `errors$`; the view is then stale and refreshes.
 *
 * @example
 * const list = createView(client.channel(todos), {
 *   initial: (snapshot) => snapshot,
 *   on: { 'todo:created': (todos, todo) => [...todos, todo] },
 *   optimistic: { 'todo:create': (todos, input) => [...todos, { ...input, done: false }] },
 *   persist: true,
 * })
 * list.subscribe(show)
 */
export const createView = <C extends AnyContract, S>(
  channel: ViewableChannel<C>,
  options: ViewOptions<C, S>,
): View<S> => {
  const { name = 'default', initial, on, optimistic = {}, persist = false } = options
  const { version, definition } = channel.contract
  return createViewStage<S>({
    ...viewSourceOf(channel),
    name,
    version,
    snapshot: definition.snapshot !== undefined,
    initial: initial as (snapshot: unknown) => unknown,
    on: on as FoldHandlers,
    optimistic: optimistic as OptimisticHandlers,
    persist: persist !== false,
    upgrade: typeof persist === 'object' ? persist.upgrade : undefined,
  })
}
