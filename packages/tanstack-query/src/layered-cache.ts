import type { Query, QueryClient } from '@tanstack/query-core'
import { type Layer, type LayeredQuery, layerQuery, type Update } from './layered-query.ts'
import type { TargetFilters } from './query-target.ts'

/** What one query client's cache shows of pending writes and of messages. */
export interface LayeredCache {
  /** Shows a layer. */
  lay(layer: Layer): void
  /** Takes a layer back at the end of the turn, and fetches what it was shown in. */
  lift(layer: Layer): void
  /** The effect is there: the layer goes with a patch in this turn, or with a fetch that begins after this. */
  arrive(layer: Layer): void
  patch(filters: TargetFilters, update: Update, writeId: string | undefined): void
  /** What was fetched before now is out of date. Gathered: one invalidation for each key and turn. */
  outdate(filters: TargetFilters): void
}

const isIdle = ({ state }: Query): boolean => state.fetchStatus === 'idle'

const createLayeredCache = (queryClient: QueryClient): LayeredCache => {
  const cache = queryClient.getQueryCache()
  /** Only the queries that need it, and only as long. */
  const held = new Map<Query, LayeredQuery>()
  /** Those whose effect has not arrived: queries that are built later show them too. */
  const layers = new Set<Layer>()
  const due = new Map<string, TargetFilters>()
  let scheduled = false
  /** Orders fetch starts and arrivals. */
  let tick = 0
  /** The tick of the last flush. */
  let flushed = 0

  const hashOf = (filters: TargetFilters) => queryClient.defaultQueryOptions(filters).queryHash
  const find = (filters: TargetFilters): Query[] =>
    filters.exact ? [cache.get(hashOf(filters)) ?? []].flat() : cache.findAll(filters)

  const hold = (query: Query): LayeredQuery => {
    let entry = held.get(query)
    if (!entry) {
      const over = [...layers].filter(({ filters }) => find(filters).includes(query))
      entry = layerQuery(query, new Set(over), () => outdateOne(query))
      held.set(query, entry)
    }
    return entry
  }

  const schedule = () => {
    if (!scheduled) queueMicrotask(flush)
    scheduled = true
  }

  const outdate = (filters: TargetFilters) => {
    due.set(hashOf(filters) + filters.exact, filters)
    schedule()
  }
  const outdateOne = ({ queryKey }: Query) => outdate({ queryKey, exact: true })

  const flush = () => {
    scheduled = false
    for (const [query, entry] of held) {
      for (const layer of entry.layers)
        if (layer.arrived > flushed) {
          // No patch has replaced it: a fetch will. Where none comes by itself, it stays as part of the base.
          if ((!query.isActive() || query.isStatic()) && entry.layers.delete(layer)) entry.patch(layer.update)
          outdateOne(query)
        }
      entry.render()
      if (!entry.layers.size && isIdle(query)) {
        entry.release()
        held.delete(query)
      }
    }
    flushed = tick
    const filters = [...due.values()]
    due.clear()
    for (const query of filters.flatMap(find)) if (!isIdle(query)) hold(query).outdated = ++tick
    for (const each of filters) void queryClient.invalidateQueries(each, { cancelRefetch: false })
  }

  cache.subscribe((event) => {
    const query = event.query as Query
    if (event.type === 'added' && layers.size) hold(query).render()
    if (event.type === 'removed') held.delete(query)
    const entry = held.get(query)
    if (entry && 'action' in event && event.action.type === 'fetch') {
      entry.started = ++tick
      entry.replay = []
    }
  })

  return {
    lay: (layer) => {
      for (const query of find(layer.filters)) {
        const entry = hold(query)
        entry.layers.add(layer)
        entry.render(layer.update)
      }
      layers.add(layer)
    },
    lift: (layer) => {
      layers.delete(layer)
      for (const [query, entry] of held) if (entry.layers.delete(layer)) outdateOne(query)
    },
    arrive: (layer) => {
      layers.delete(layer)
      layer.arrived = ++tick
      schedule()
    },
    patch: (filters, update, writeId) => {
      for (const query of find(filters)) {
        const entry = hold(query)
        entry.patch(update)
        for (const layer of entry.layers) if (layer.writeId === writeId) entry.layers.delete(layer)
      }
      schedule()
    },
    outdate,
  }
}

const caches = new WeakMap<QueryClient, LayeredCache>()

/** The layered cache of a query client: one for all channels, for several may lay over one query. */
export const layeredCacheOf = (queryClient: QueryClient): LayeredCache => {
  const cache = caches.get(queryClient) ?? createLayeredCache(queryClient)
  caches.set(queryClient, cache)
  return cache
}
