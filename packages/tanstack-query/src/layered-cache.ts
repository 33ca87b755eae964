import { toSynclineError } from '@syncline/core'
import { matchQuery, type Query, type QueryClient } from '@tanstack/query-core'
import { type Layer, type LayeredQuery, layerQuery, type Update } from './layered-query.ts'
import type { TargetFilters } from './query-target.ts'

/** A layer, and the queries that it shows in. */
export interface TargetedLayer extends Layer {
  readonly filters: TargetFilters
}

/** What one query client's cache shows of pending writes and of messages. One for all channels of a client. */
export interface LayeredCache {
  /** Shows a layer. */
  lay(layer: TargetedLayer): void
  /** Takes layers back at once, and fetches what they were shown in. */
  lift(layers: readonly TargetedLayer[]): void
  /** The effect is there: the layers go with a fetch that begins after this, or with a patch in this turn. */
  arrive(layers: readonly TargetedLayer[]): void
  patch(filters: TargetFilters, update: Update, writeId: string | undefined): void
  /** What was fetched before now is out of date. Gathered: one invalidation for each key and turn. */
  outdate(filters: TargetFilters): void
  close(): void
}

const attempt = (update: Update, old: unknown, onError?: () => void): unknown => {
  try {
    const data = update(old)
    return data === undefined ? old : data
  } catch (error) {
    // The app's own handler: reported like any error that nobody caught.
    void Promise.reject(toSynclineError(error, 'fold-failed'))
    onError?.()
    return old
  }
}

export const createLayeredCache = (queryClient: QueryClient): LayeredCache => {
  const cache = queryClient.getQueryCache()
  /** Orders fetch starts and arrivals. */
  let tick = 0
  const starts = new WeakMap<Query, number>()
  /** Queries whose fetch on its way was out of date before it ended. */
  const again = new WeakSet<Query>()
  const held = new Map<Query, LayeredQuery>()
  const layers = new Set<TargetedLayer>()
  let arrived: TargetedLayer[] = []
  const dirty = new Set<LayeredQuery>()
  const due = new Map<string, { readonly filters: TargetFilters; readonly since: number }>()
  let scheduled = false

  const startedAt = (query: Query) => starts.get(query) ?? 0
  const hashOf = (filters: TargetFilters) => queryClient.defaultQueryOptions(filters).queryHash
  const exactly = ({ queryKey }: Query): TargetFilters => ({ queryKey, exact: true })
  const find = (filters: TargetFilters): Query[] => {
    if (!filters.exact) return cache.findAll(filters)
    const query = cache.get(hashOf(filters))
    return query ? [query as Query] : []
  }

  const hold = (query: Query): LayeredQuery => {
    let entry = held.get(query)
    if (!entry) {
      const over = [...layers].filter(({ filters }) => matchQuery(filters, query))
      const refetch = () => (query.state.fetchStatus === 'idle' ? outdate(exactly(query)) : again.add(query))
      entry = layerQuery(query, over, () => startedAt(query), attempt, refetch)
      held.set(query, entry)
    }
    return entry
  }

  const schedule = () => {
    if (!scheduled) queueMicrotask(flush)
    scheduled = true
  }

  const outdate = (filters: TargetFilters, since = ++tick) => {
    const key = hashOf(filters) + filters.exact
    due.set(key, { filters, since: Math.max(since, due.get(key)?.since ?? 0) })
    schedule()
  }

  /** Layers that no patch has replaced wait for a fetch; where none can come, the layer becomes the base. */
  const settle = (layer: TargetedLayer) => {
    for (const [query, entry] of held)
      if (entry.has(layer)) {
        outdate(exactly(query), layer.arrived)
        if (!query.isActive() || query.isStatic()) {
          entry.patch(layer.apply, (other) => other === layer)
          dirty.add(entry)
        }
      }
  }

  const flush = () => {
    for (const layer of arrived) settle(layer)
    arrived = []
    for (const entry of dirty) entry.render()
    dirty.clear()
    const now = [...due.values()]
    due.clear()
    scheduled = false
    for (const { filters, since } of now) {
      for (const query of find(filters))
        if (query.state.fetchStatus !== 'idle' && startedAt(query) < since) again.add(query)
      void queryClient.invalidateQueries(filters, { cancelRefetch: false })
    }
  }

  const unsubscribe = cache.subscribe((event) => {
    const query = event.query as Query
    if (event.type === 'removed') held.delete(query)
    else if (event.type === 'added') {
      for (const { filters } of layers) if (matchQuery(filters, query)) return hold(query).render()
    } else if (event.type === 'updated') {
      const { action } = event
      if (action.type === 'fetch' && !action.meta?.fetchMore) {
        starts.set(query, ++tick)
        again.delete(query)
      } else if (action.type === 'success' && !action.manual && again.delete(query)) outdate(exactly(query))
    }
  })

  return {
    lay: (layer) => {
      for (const query of find(layer.filters)) hold(query).lay(layer)
      layers.add(layer)
    },
    lift: (lifted) => {
      for (const layer of lifted) {
        layers.delete(layer)
        for (const [query, entry] of held)
          if (entry.has(layer)) {
            entry.lift(layer)
            outdate(exactly(query))
          }
      }
    },
    arrive: (layersOfWrite) => {
      for (const layer of layersOfWrite) {
        layers.delete(layer)
        layer.arrived = ++tick
        arrived.push(layer)
      }
      schedule()
    },
    patch: (filters, update, writeId) => {
      for (const query of find(filters))
        if (query.state.data !== undefined || query.state.fetchStatus !== 'idle') {
          const entry = hold(query)
          entry.patch(update, (layer) => layer.writeId === writeId)
          dirty.add(entry)
        }
      schedule()
    },
    outdate,
    close: () => {
      flush()
      unsubscribe()
      for (const entry of held.values()) entry.release()
    },
  }
}
