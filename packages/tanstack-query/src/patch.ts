import type { Message } from '@syncline/core'
import type { QueryAction } from './query-action.ts'
import { type QueryTarget, updateOf } from './query-target.ts'

/**
 * Works a message into the query's data without a fetch. It runs only where there is data, and once more on the
 * result of a fetch that was on its way: nobody can tell whether that result has the message already. So write it such
 * that a second time changes nothing (put and remove by id, do not add up).
 *
 * @param target One query, or with `exact: false` all whose key begins so.
 * @param update Returns the new data; never changes the old. Undefined leaves it as it is.
 *
 * @example
 * on: { 'todo:updated': patch(todosQuery, (todos, todo) => todos.map((old) => (old.id === todo.id ? todo : old))) }
 */
export const patch: <Data, EventData>(
  target: QueryTarget<Data>,
  update: (old: Data, data: EventData, message: Message<string, EventData>) => NoInfer<Data> | undefined,
) => QueryAction<EventData> = updateOf
