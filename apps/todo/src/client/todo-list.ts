import { type ChannelHandle, createView } from '@syncline/core'
import type { Todo, todos } from '../contract.ts'

/** The list as this window shows it: what the hub says, and over it what is still on its way. Newest first. */
export const createTodoList = (channel: ChannelHandle<typeof todos>, person: string) =>
  createView(channel, {
    initial: (snapshot) => snapshot,
    on: {
      'todo:created': (list, todo) => [todo, ...list],
      'todo:updated': (list, todo) => change(list, todo),
      'todo:deleted': (list, { id }) => list.filter((todo) => todo.id !== id),
    },
    optimistic: {
      'todo:create': (list, input) => [{ ...input, done: false, by: person }, ...list],
      'todo:rename': (list, input) => change(list, input),
      'todo:check': (list, input) => change(list, input),
      'todo:delete': (list, { id }) => list.filter((todo) => todo.id !== id),
    },
    persist: true,
  })

const change = (list: Todo[], changes: Pick<Todo, 'id'> & Partial<Todo>): Todo[] =>
  list.map((todo) => (todo.id === changes.id ? { ...todo, ...changes } : todo))
