import { type Query, replaceEqualDeep } from '@tanstack/query-core'

/** Makes new data from old; undefined leaves it as it is. */
export type Update = (old: unknown) => unknown

/** What one pending write shows in some queries. */
export interface Layer {
  readonly writeId: string
  readonly apply: Update
  /** The tick at which the write's effect had arrived; `Infinity` until then. */
  arrived: number
}

/** One query's fetched data, and the layers shown over it. */
export interface LayeredQuery {
  has(layer: Layer): boolean
  lay(layer: Layer): void
  /** Takes a layer back, and shows what remains. */
  lift(layer: Layer): void
  /** Changes the base, which from now on includes the layers that it replaces. Shown by `render`. */
  patch(update: Update, replaces: (layer: Layer) => boolean): void
  /** Shows the base under its layers, where that changes anything. */
  render(): void
  /** Gives the query back as it was found. */
  release(): void
}

/** Patches that are kept for a fetch on its way. More are left to another fetch. */
const REPLAY_LIMIT = 1000

/**
 * Stands before a query's data while writes are pending on it: what is fetched or set becomes the base, and what is
 * stored is the base under its layers, in one step. That is why `setData` and `setState` of this one query are
 * wrapped: the cache's events come after the observers have seen the bare result.
 *
 * @param startedAt The tick at which the query's fetch began.
 * @param attempt Runs an update that may throw.
 * @param refetch Asks for a fetch after the one that is on its way.
 */
export const layerQuery = (
  query: Query,
  layers: readonly Layer[],
  startedAt: () => number,
  attempt: (update: Update, old: unknown, onError?: () => void) => unknown,
  refetch: () => void,
): LayeredQuery => {
  const { setData, setState } = query
  let base = query.state.data
  let replay: Update[] = []

  const shown = () =>
    base === undefined ? base : layers.reduce<unknown>((data, { apply }) => attempt(apply, data), base)

  // Not by setData: the fetch that the data came from, its time, error and staleness stay.
  const show = (data: unknown) => {
    const { structuralSharing: sharing } = query.options
    const old = query.state.data
    if (typeof sharing === 'function') data = sharing(old, data)
    else if (sharing !== false) data = replaceEqualDeep(old, data)
    if (data !== old) setState.call(query, { data })
  }

  query.setData = (data, options) => {
    base = data
    if (!options?.manual) {
      base = replay.reduce<unknown>((data, update) => attempt(update, data, refetch), base)
      replay = []
      // Fetching one more page says nothing new of the others.
      if (!query.state.fetchMeta?.fetchMore) layers = layers.filter(({ arrived }) => arrived > startedAt())
    }
    const stored = setData.call(query, shown(), options)
    if (!layers.length) base = stored
    return stored
  }

  query.setState = (state, ...rest: []) => {
    if ('data' in state) {
      const { data, dataUpdatedAt } = query.state
      // Older data is that of a cancelled fetch's start: what was shown then, no base.
      const revert = data !== undefined && state.data !== undefined && !(state.dataUpdatedAt! > dataUpdatedAt)
      if (!revert) base = state.data
      state = { ...state, data: revert ? data : shown() }
    }
    setState.call(query, state, ...rest)
  }

  const entry: LayeredQuery = {
    has: (layer) => layers.includes(layer),
    lay: (layer) => {
      layers = [...layers, layer]
      if (base !== undefined) show(attempt(layer.apply, query.state.data))
    },
    lift: (lifted) => {
      layers = layers.filter((layer) => layer !== lifted)
      entry.render()
    },
    patch: (update, replaces) => {
      if (base !== undefined) base = attempt(update, base, refetch)
      if (query.state.fetchStatus !== 'idle')
        if (replay.length < REPLAY_LIMIT) replay.push(update)
        else refetch()
      layers = layers.filter((layer) => !replaces(layer))
    },
    render: () => {
      if (base !== undefined) show(shown())
    },
    release: () => Object.assign(query, { setData, setState }),
  }
  return entry
}
