import type { QueryAction } from './query-action.ts'
import { type QueryTarget, toFilters } from './query-target.ts'

/**
 * Fetches again what is on screen and marks the rest as stale, as `queryClient.invalidateQueries` does: for every
 * query whose key begins with the given one. A fetch on its way is not cut off; another follows it.
 *
 * @example
 * on: { 'todo:created': invalidate(todosQuery) }
 */
export const invalidate = (target: QueryTarget<never>): QueryAction<unknown> => ({
  filters: toFilters(target, false),
})
