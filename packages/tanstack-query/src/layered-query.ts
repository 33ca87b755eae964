import { type Query, replaceEqualDeep } from '@tanstack/query-core'
import type { TargetFilters } from './query-target.ts'

/** Makes new data from old; undefined leaves it as it is. */
export type Update = (old: unknown) => unknown

/** What one pending write shows in some queries. */
export interface Layer {
  readonly writeId: string
  readonly filters: TargetFilters
  readonly update: Update
  /** The tick at which the write's effect had arrived; 0 until then. */
  arrived: number
}

/** One query's fetched data, and the layers shown over it. */
export interface LayeredQuery {
  /** Oldest first. */
  readonly layers: Set<Layer>
  /** The tick at which its fetch began; 0 when that was before it was layered. */
  started: number
  /** The tick at which a fetch on its way was last known to be out of date: another has to follow it. */
  outdated: number
  /** Patches since its fetch began. */
  replay: Update[]
  /** Changes the base. Shown by the next `render`. */
  patch(update: Update): void
  /** Shows the base under its layers; with `top`, only puts that over what is shown. */
  render(top?: Update): void
  /** Gives the query back as it was found. */
  release(): void
}

/** Patches that are kept for a fetch on its way. More are left to another fetch. */
const REPLAY_LIMIT = 1000

/** Where there is data. The app's own handlers may throw: that is reported like any error that nobody caught. */
const attempt = (update: Update, old: unknown, onError?: () => void): unknown => {
  try {
    const data = old === undefined ? old : update(old)
    return data === undefined ? old : data
  } catch (error) {
    void Promise.reject(error)
    onError?.()
    return old
  }
}

/**
 * Stands before a query's data: what is fetched or set becomes the base, and what is stored is the base under its
 * layers, in one step. That is why `setData` and `setState` of this one query are wrapped: the cache's events come
 * after the observers have seen the bare result.
 *
 * @param refetch Asks for a fetch, or another after the one on its way.
 */
export const layerQuery = (query: Query, layers: Set<Layer>, refetch: () => void): LayeredQuery => {
  const { setData, setState } = query
  let base = query.state.data

  const shown = () => {
    let data = base
    for (const { update } of layers) data = attempt(update, data)
    return data
  }

  const entry: LayeredQuery = {
    layers,
    started: 0,
    outdated: 0,
    replay: [],
    patch: (update) => {
      base = attempt(update, base, refetch)
      if (query.state.fetchStatus === 'idle') return
      if (entry.replay.length < REPLAY_LIMIT) entry.replay.push(update)
      else refetch()
    },
    render: (top) => {
      const old = query.state.data
      let data = top ? attempt(top, old) : shown()
      if (query.options.structuralSharing !== false) data = replaceEqualDeep(old, data)
      // Not by setData: the time, error and staleness of what was fetched stay.
      if (data !== old) setState.call(query, { data })
    },
    release: () => Object.assign(query, { setData, setState }),
  }

  query.setData = (data, options) => {
    base = data
    if (!options?.manual) {
      for (const update of entry.replay) base = attempt(update, base, refetch)
      if (entry.outdated > entry.started) refetch()
      for (const layer of layers) if (layer.arrived && layer.arrived < entry.started) layers.delete(layer)
    }
    return setData.call(query, shown(), options)
  }

  query.setState = (state, ...rest: []) => {
    if ('data' in state) {
      // Data that is not newer is what was shown when a fetch began that is now cancelled.
      if (state.data === undefined || !(state.dataUpdatedAt! <= query.state.dataUpdatedAt)) base = state.data
      state = { ...state, data: shown() }
    }
    setState.call(query, state, ...rest)
  }

  return entry
}
