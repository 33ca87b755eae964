import type { dataTagSymbol, QueryKey } from '@tanstack/query-core'

/** A query key, which knows its data where it comes from `queryOptions`. */
export type DataKey<Data> = QueryKey & { readonly [dataTagSymbol]?: Data }

/**
 * Which queries are meant: a key, or any object with a `queryKey`, such as what `queryOptions` returns.
 * `exact: false` takes in every query whose key begins so.
 */
export type QueryTarget<Data = unknown> =
  | DataKey<Data>
  | { readonly queryKey: DataKey<Data>; readonly exact?: boolean }

/** A target as TanStack's query filters. */
export interface TargetFilters {
  readonly queryKey: QueryKey
  readonly exact: boolean
}

export const toFilters = (target: QueryTarget<never>, exact: boolean): TargetFilters =>
  'queryKey' in target ? { exact, ...target } : { exact, queryKey: target }

/** An update of one query, or of those that the target says. */
export const updateOf = <Data, Update>(target: QueryTarget<Data>, update: Update) => ({
  filters: toFilters(target as QueryTarget<never>, true),
  update,
})
