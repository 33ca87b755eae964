import { defineChannel } from '@syncline/core'
import { z } from 'zod'

export const Todo = z.object({
  /** Made by the window that adds the todo, so that it can go on working with it before the hub has heard of it. */
  id: z.uuid(),
  title: z.string().trim().min(1, 'A todo needs a title.').max(200, 'A title has at most 200 characters.'),
  done: z.boolean(),
  /** The person who added it. */
  by: z.string(),
})
export type Todo = z.infer<typeof Todo>

/** The list: one definition for the browser and for the hub. */
export const todos = defineChannel('todos', {
  snapshot: z.array(Todo),
  events: {
    'todo:created': Todo,
    'todo:updated': Todo,
    'todo:deleted': Todo.pick({ id: true }),
  },
  mutations: {
    'todo:create': { input: Todo.pick({ id: true, title: true }), output: Todo },
    'todo:rename': { input: Todo.pick({ id: true, title: true }), output: Todo },
    'todo:check': { input: Todo.pick({ id: true, done: true }), output: Todo },
    'todo:delete': { input: Todo.pick({ id: true }) },
  },
})
