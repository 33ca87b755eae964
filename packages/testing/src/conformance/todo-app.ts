import type { Hub, Identity } from '@syncline/server'
import { type Todo, todoList } from './todo-contract.ts'

/** The backend of the suite's app. Outlives its hubs, as a database does. */
export interface TodoApp {
  serve(hub: Hub<never, Identity>): void
  /** How often the handler of a write has run, by write id. */
  readonly runs: ReadonlyMap<string, number>
  /** The todos of a list as the snapshot gives them. */
  todos(list: string): readonly Todo[]
  /** Puts the backend's own data back, as a restored backup does. */
  restore(list: string, todos: readonly Todo[]): void
  /** Ends access to a list for everybody; `authorize` says no from then on. */
  lock(list: string): void
}

export const createTodoApp = (): TodoApp => {
  const lists = new Map<string, readonly Todo[]>()
  const runs = new Map<string, number>()
  const locked = new Set<string>()
  const todos = (list: string) => lists.get(list) ?? []
  const add = (list: string, todo: Todo) =>
    lists.set(list, [...todos(list).filter(({ id }) => id !== todo.id), todo])
  const count = (writeId: string) => {
    const run = (runs.get(writeId) ?? 0) + 1
    runs.set(writeId, run)
    return run
  }

  return {
    runs,
    todos,
    restore: (list, restored) => void lists.set(list, restored),
    lock: (list) => void locked.add(list),
    serve: (hub) =>
      hub.serve(todoList, {
        authorize: ({ params }) => !locked.has(params.list),
        snapshot: ({ params }) => todos(params.list),
        mutations: {
          'todo:create': ({ input, params, writeId, publish, reject }) => {
            count(writeId)
            if (input.text === 'forbidden') throw reject('This text is not allowed.')
            add(params.list, input)
            publish('todo:created', input)
            return input
          },
          'todo:rename': ({ input, params, writeId, publish, reject }) => {
            count(writeId)
            if (!todos(params.list).some(({ id }) => id === input.id)) throw reject('There is no such todo.')
            lists.set(
              params.list,
              todos(params.list).map((todo) => (todo.id === input.id ? input : todo)),
            )
            publish('todo:renamed', input)
          },
          'todo:create-all': ({ input, params, writeId, publish }) => {
            count(writeId)
            for (const list of input.lists ?? [params.list])
              for (const todo of input.todos) {
                add(list, todo)
                publish.to(todoList, { list }, 'todo:created', todo)
              }
          },
          obey: ({ input, writeId, reject, retryLater }) => {
            const run = count(writeId)
            if (input.order === 'throw') throw new Error('The handler was told to throw.')
            if (input.order === 'reject') throw reject('The handler was told to.')
            if (input.order === 'later' && run === 1) throw retryLater(input.ms ?? 20)
            if (input.order === 'hang') return new Promise<void>(() => {})
            return undefined
          },
        },
      }),
  }
}
