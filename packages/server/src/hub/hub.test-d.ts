import { defineChannel, type } from '@syncline/core'
import type { Hub } from './hub.ts'

interface User {
  readonly id: string
  readonly role: 'admin' | 'reader'
}
interface Database {
  insert(row: string): void
}
declare const hub: Hub<Database, User>

const todos = defineChannel('todos', {
  snapshot: type<string[]>(),
  events: { created: type<{ readonly text: string }>(), removed: type<number>() },
  mutations: {
    create: { input: type<{ readonly text: string }>(), output: type<number>() },
    remove: { input: type<number>() },
  },
})
const board = defineChannel('team/:team/board/:id', { events: { moved: type<number>() } })

hub.serve(todos, {
  authorize: ({ user, channel }) => user.role === 'admin' && channel === 'todos',
  snapshot: ({ db, user }) => {
    db.insert(user.role)
    return ['a']
  },
  mutations: {
    create: async ({ input, publish, user }) => {
      publish('created', { text: input.text + user.role })
      publish.to(board, { team: 'a', id: 1 }, 'moved', 1)
      publish.to(todos, 'removed', 1)
      // @ts-expect-error no such event
      publish('craeted', { text: '' })
      // @ts-expect-error the event's data
      publish('created', { txt: '' })
      // @ts-expect-error the other channel's parameters
      publish.to(board, { team: 'a' }, 'moved', 1)
      // @ts-expect-error the other channel's data
      publish.to(board, { team: 'a', id: 1 }, 'moved', 'x')
      return 1
    },
    remove: { transaction: ({ db, input }) => db.insert(String(input)) },
  },
})

declare const inMemory: Hub<undefined, User>
inMemory.serve(todos, {
  snapshot: () => [],
  mutations: {
    create: ({ input }) => input.text.length,
    // @ts-expect-error a store without a database has no transaction to run in
    remove: { transaction: () => undefined },
  },
})

// @ts-expect-error a handler is missing
hub.serve(todos, { snapshot: () => [], mutations: { create: () => 1 } })
hub.serve(todos, {
  snapshot: () => [],
  mutations: {
    create: () => 1,
    remove: () => undefined,
    // @ts-expect-error a handler too many
    update: () => 1,
  },
})
// @ts-expect-error the result's type
hub.serve(todos, { snapshot: () => [], mutations: { create: () => 'x', remove: () => undefined } })
// @ts-expect-error the snapshot is missing
hub.serve(todos, { mutations: { create: () => 1, remove: () => undefined } })

hub.serve(board, { authorize: ({ params }) => params.team === 'a' && params.id === '1' })
// @ts-expect-error no such parameter
hub.serve(board, { authorize: ({ params }) => params.nope === 'a' })
// @ts-expect-error the contract has no mutations
hub.serve(board, { mutations: { create: () => 1 } })

void hub.publish(todos, 'removed', 1)
void hub.publish(board, { team: 'a', id: 1 }, 'moved', 2)
// @ts-expect-error parameters are missing
void hub.publish(board, 'moved', 2)
// @ts-expect-error no such event
void hub.publish(todos, 'craeted', 1)
// @ts-expect-error the event's data
void hub.publish(todos, 'removed', 'x')
