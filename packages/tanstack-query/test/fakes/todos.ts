import { defineChannel, type } from '@syncline/core'

export interface Todo {
  readonly id: string
  readonly text: string
  readonly done?: boolean
}

export const todos = defineChannel('todos', {
  events: { 'todo:created': type<Todo>(), 'todo:updated': type<Todo>(), 'todo:deleted': type<string>() },
  mutations: {
    'todo:create': { input: type<{ id: string; text: string }>(), output: type<Todo>() },
    'todo:delete': { input: type<string>() },
  },
})

/** Puts a todo in the place of the one with its id, or at the end. */
export const put = (list: readonly Todo[], todo: Todo): readonly Todo[] =>
  list.some(({ id }) => id === todo.id)
    ? list.map((old) => (old.id === todo.id ? todo : old))
    : [...list, todo]
