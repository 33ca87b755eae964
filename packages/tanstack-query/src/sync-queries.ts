import type {
  AnyContract,
  ChannelHandle,
  EventData,
  EventName,
  MutationInput,
  MutationName,
} from '@syncline/core'
import type { QueryClient } from '@tanstack/query-core'
import { layeredCacheOf } from './layered-cache.ts'
import type { QueryOverlay } from './overlay.ts'
import type { QueryAction } from './query-action.ts'
import { type OverlaysByName, showWrites } from './show-writes.ts'

type OneOrMany<T> = T | readonly T[]

/** How a channel acts on queries. */
export interface SyncQueriesOptions<C extends AnyContract> {
  /** What each event does. Default: nothing. */
  readonly on?: { readonly [E in EventName<C>]?: OneOrMany<QueryAction<EventData<C, E>>> }
  /** What each pending mutation shows. By name, so that writes from before a reload show too. Default: nothing. */
  readonly optimistic?: { readonly [M in MutationName<C>]?: OneOrMany<QueryOverlay<MutationInput<C, M>>> }
}

type Synced = Pick<QueryAction<unknown>, 'filters'>

interface ActionsByName {
  readonly [event: string]: OneOrMany<QueryAction<unknown>> | undefined
}

/**
 * Keeps a query cache in step with a channel: its messages invalidate or patch queries, and pending writes lie over
 * what was fetched. Joins the channel and stays until stopped. Whatever the channel could not tell (the time before it
 * joined, a gap, a range or a message that is lost) invalidates every query named here.
 *
 * @returns Stops, and takes the overlays back.
 *
 * @example
 * const stop = syncQueries(queryClient, channel, {
 *   on: { 'todo:created': invalidate(todosQuery), 'todo:deleted': patch(todosQuery, (todos, id) => todos.filter((todo) => todo.id !== id)) },
 *   optimistic: { 'todo:create': overlay(todosQuery, (todos, input) => putById(todos, { ...input, done: false })) },
 * })
 */
export const syncQueries = <C extends AnyContract>(
  queryClient: QueryClient,
  channel: ChannelHandle<C>,
  { on = {}, optimistic = {} }: SyncQueriesOptions<C>,
): (() => void) => {
  const cache = layeredCacheOf(queryClient)
  // By name alone, for the contract has checked what goes together.
  const actions = on as ActionsByName
  const overlays = optimistic as OverlaysByName
  const writes = showWrites(channel.outbox, channel.name, overlays, cache)

  const outdateAll = () => {
    for (const { filters } of [actions, overlays].flatMap(Object.values).flat() as Synced[])
      cache.outdate(filters)
  }

  /** The channel may have said what was not heard: before it was live, and in gaps. */
  let lost = true
  const subscriptions = [
    channel.messages$.subscribe((message) => {
      for (const { filters, update } of [actions[message.event] ?? []].flat())
        if (update) cache.patch(filters, (old) => update(old, message.data, message), message.writeId)
        else cache.outdate(filters)
      writes.end(message.writeId, 'arrive')
    }),
    channel.missed$.subscribe(outdateAll),
    channel.errors$.subscribe(({ code }) => {
      if (code === 'schema-violation') outdateAll()
    }),
    channel.state$.subscribe(({ phase }) => {
      if (lost && phase === 'live') outdateAll()
      lost = phase !== 'live' && (lost || phase === 'gap' || phase === 'snapshot')
    }),
  ]

  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe()
    writes.stop()
  }
}
