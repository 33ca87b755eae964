import type {
  AnyContract,
  ChannelHandle,
  EventData,
  EventName,
  MutationInput,
  MutationName,
} from '@syncline/core'
import type { QueryClient } from '@tanstack/query-core'
import { openLayeredCache } from './open-layered-cache.ts'
import type { QueryOverlay } from './overlay.ts'
import type { QueryAction } from './query-action.ts'
import { showWrites } from './show-writes.ts'

type OneOrMany<T> = T | readonly T[]

/** How a channel acts on queries. */
export interface SyncQueriesOptions<C extends AnyContract> {
  /** What each event does. Default: nothing. */
  readonly on?: { readonly [E in EventName<C>]?: OneOrMany<QueryAction<EventData<C, E>>> }
  /** What each pending mutation shows. By name, so that writes from before a reload show too. Default: nothing. */
  readonly optimistic?: { readonly [M in MutationName<C>]?: OneOrMany<QueryOverlay<MutationInput<C, M>>> }
}

const byName = <T>(
  record: { readonly [name: string]: OneOrMany<T> | undefined } = {},
): Map<string, readonly T[]> =>
  new Map(
    Object.entries(record).map(([name, value]) => [name, value === undefined ? [] : ([value].flat() as T[])]),
  )

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
 *   optimistic: { 'todo:create': overlay(todosQuery, (todos, input) => [...todos, { ...input, done: false }]) },
 * })
 */
export const syncQueries = <C extends AnyContract>(
  queryClient: QueryClient,
  channel: ChannelHandle<C>,
  { on, optimistic }: SyncQueriesOptions<C>,
): (() => void) => {
  const cache = openLayeredCache(queryClient)
  const actions = byName<QueryAction<unknown>>(on as never)
  const overlays = byName<QueryOverlay<unknown>>(optimistic as never)
  const writes = showWrites(channel.outbox, channel.name, overlays, cache)

  const outdateAll = () => {
    for (const parts of [...actions.values(), ...overlays.values()])
      for (const { filters } of parts) cache.outdate(filters)
  }

  let joined = false
  let lost = false
  const subscriptions = [
    channel.messages$.subscribe((message) => {
      for (const { filters, update } of actions.get(message.event) ?? [])
        if (update) cache.patch(filters, (old) => update(old, message.data, message), message.writeId)
        else cache.outdate(filters)
      if (message.writeId) writes.arrived(message.writeId)
    }),
    channel.missed$.subscribe(outdateAll),
    channel.errors$.subscribe(({ code }) => {
      if (code === 'schema-violation') outdateAll()
    }),
    channel.state$.subscribe(({ phase, position }) => {
      lost ||= phase === 'gap' || phase === 'snapshot'
      if ((position && !joined) || (lost && phase === 'live')) outdateAll()
      joined ||= position !== undefined
      lost &&= phase !== 'live'
    }),
  ]

  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe()
    writes.stop()
    cache.close()
  }
}
