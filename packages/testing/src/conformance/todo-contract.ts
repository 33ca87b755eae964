import { defineChannel, type Schema, type } from '@syncline/core'
import { runName } from './run-name.ts'

export interface Todo {
  readonly id: string
  readonly text: string
}

/** A schema that checks at run time, by hand. */
const checked = <T>(message: string, is: (value: unknown) => boolean): Schema<T, T> => ({
  '~standard': {
    version: 1,
    vendor: 'syncline-testing',
    validate: (value) => (is(value) ? { value: value as T } : { issues: [{ message, path: ['todo'] }] }),
  },
})

const isTodo = (value: unknown): boolean => {
  const { id, text } = (value ?? {}) as Partial<Todo>
  return typeof id === 'string' && typeof text === 'string'
}

export const todoSchema: Schema<Todo, Todo> = checked('A todo has an id and a text.', isTodo)

/** Whoever looks at a list. */
export interface Reader {
  readonly name: string
}

/** What a mutation's handler is told to do. */
export type Order = 'throw' | 'hang' | 'later' | 'reject' | 'nothing'

/** The full name of a list's channel. */
export const channelOf = (list: string): string => `todos-${runName}/${list}`

/** The suite's own app: lists of todos. */
export const todoList = defineChannel(channelOf(':list') as 'todos/:list', {
  snapshot: type<readonly Todo[]>(),
  events: {
    'todo:created': todoSchema,
    'todo:renamed': todoSchema,
    'cursor:moved': type<{ readonly x: number }>(),
  },
  mutations: {
    'todo:create': { input: todoSchema, output: todoSchema },
    'todo:rename': { input: todoSchema },
    /** Several messages of one write, on one channel or on several. */
    'todo:create-all': {
      input: type<{ readonly todos: readonly Todo[]; readonly lists?: readonly string[] }>(),
    },
    /** Does what it is told. */
    obey: { input: type<{ readonly order: Order; readonly ms?: number }>() },
  },
  publish: ['cursor:moved'],
  presence: checked<Reader>(
    'A reader has a name.',
    (reader) => typeof ((reader ?? {}) as Partial<Reader>).name === 'string',
  ),
  cursor: type<{ readonly x: number }>(),
})
export type TodoList = typeof todoList

/** How every view of the suite folds the lists. */
export const todoView = {
  initial: (snapshot: readonly Todo[]): readonly Todo[] => snapshot,
  on: {
    'todo:created': (todos: readonly Todo[], todo: Todo) => [...todos, todo],
    'todo:renamed': (todos: readonly Todo[], todo: Todo) =>
      todos.map((other) => (other.id === todo.id ? todo : other)),
  },
  optimistic: {
    'todo:create': (todos: readonly Todo[], todo: Todo) => [...todos, todo],
    'todo:rename': (todos: readonly Todo[], todo: Todo) =>
      todos.map((other) => (other.id === todo.id ? todo : other)),
    'todo:create-all': (todos: readonly Todo[], { todos: added }: { readonly todos: readonly Todo[] }) => [
      ...todos,
      ...added,
    ],
    obey: (todos: readonly Todo[]) => [...todos, { id: 'obeyed', text: 'obeyed' }],
  },
}
