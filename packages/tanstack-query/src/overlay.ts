import { type QueryTarget, type TargetFilters, updateOf } from './query-target.ts'

/** What a pending write shows in queries: made by `overlay`. */
export interface QueryOverlay<Input> {
  readonly filters: TargetFilters
  // biome-ignore lint/suspicious/noExplicitAny: `overlay` ties it to the query's data
  readonly update: (old: any, input: Input, write: OverlayWrite) => unknown
}

/** The write that an overlay shows. */
export interface OverlayWrite {
  readonly writeId: string
}

/**
 * Shows a write before the server has answered. The result lies over the fetched data, is laid over each new fetch
 * again, and goes when a fetch that began after the write's message, or a patch by that message, has its effect; or
 * at once if the write is refused. A fetch may have the effect before its message comes: put and remove by id, do not
 * append blindly.
 *
 * @param target One query, or with `exact: false` all whose key begins so.
 * @param update Returns the new data; never changes the old. Undefined leaves it as it is.
 *
 * @example
 * optimistic: { 'todo:create': overlay(todosQuery, (todos, input) => putById(todos, { ...input, done: false })) }
 */
export const overlay: <Data, Input>(
  target: QueryTarget<Data>,
  update: (old: Data, input: Input, write: OverlayWrite) => NoInfer<Data> | undefined,
) => QueryOverlay<Input> = updateOf
