import { join } from 'node:path'
import { createHub, verifyJwt } from '@syncline/server'
import { sqliteStore } from '@syncline/server/sqlite'
import { socketIoGateway } from '@syncline/socket-io/hub'
import { sseGateway } from '@syncline/sse/hub'
import { tokenSecret } from 'demo-support/server'
import type { Server } from 'socket.io'
import { todos } from '../contract.ts'
import { isPerson } from '../people.ts'
import { heartbeat } from './heartbeat.ts'
import { listFolder } from './list-folder.ts'
import { createTodoTable } from './todo-table.ts'

/** The hub: who may come in, over which providers, and what happens to the list. */
export const createTodoHub = (io: Server) => {
  const store = sqliteStore(join(listFolder(), 'todo.db'))
  const table = createTodoTable(store.db)
  const hub = createHub({
    store,
    authenticate: verifyJwt({ secret: tokenSecret(listFolder()) }),
    gateways: [socketIoGateway(io), sseGateway()],
    heartbeat: heartbeat(),
  })

  // Each mutation runs in one transaction with the hub's log: the row and its message are there together.
  hub.serve(todos, {
    authorize: ({ user }) => isPerson(user.id),
    snapshot: () => table.all(),
    mutations: {
      'todo:create': {
        transaction: ({ input, user, publish, reject }) => {
          const known = table.find(input.id)
          if (known) return known
          if (table.titled(input.title)) throw reject(`“${input.title}” is on the list already.`)
          const todo = { ...input, done: false, by: user.id }
          table.insert(todo)
          publish('todo:created', todo)
          return todo
        },
      },
      'todo:rename': {
        transaction: ({ input, publish, reject }) => {
          const todo = table.find(input.id)
          if (!todo) throw reject('Somebody has deleted this todo.')
          const namesake = table.titled(input.title)
          if (namesake && namesake.id !== todo.id) throw reject(`“${input.title}” is on the list already.`)
          const renamed = { ...todo, title: input.title }
          table.update(renamed)
          publish('todo:updated', renamed)
          return renamed
        },
      },
      'todo:check': {
        transaction: ({ input, publish, reject }) => {
          const todo = table.find(input.id)
          if (!todo) throw reject('Somebody has deleted this todo.')
          const checked = { ...todo, done: input.done }
          table.update(checked)
          publish('todo:updated', checked)
          return checked
        },
      },
      'todo:delete': {
        transaction: ({ input, publish }) => {
          if (table.remove(input.id)) publish('todo:deleted', { id: input.id })
        },
      },
    },
  })
  return hub
}
