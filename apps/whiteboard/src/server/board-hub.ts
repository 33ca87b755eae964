import { join } from 'node:path'
import { createHub, type Gateway, verifyJwt } from '@syncline/server'
import { sqliteStore } from '@syncline/server/sqlite'
import { tokenSecret } from 'demo-support/server'
import { board, isBoardName } from '../contract.ts'
import { isPerson } from '../people.ts'
import { boardFolder } from './board-folder.ts'
import { createBoardTables } from './board-tables.ts'

/** The hub: who may come in, and what happens to a board. */
export const createBoardHub = (gateways: readonly Gateway[]) => {
  const store = sqliteStore(join(boardFolder(), 'whiteboard.db'))
  const tables = createBoardTables(store.db)
  const hub = createHub({
    store,
    authenticate: verifyJwt({ secret: tokenSecret(boardFolder()) }),
    gateways,
  })

  // Each mutation runs in one transaction with the hub's log: the row and its message are there together.
  hub.serve(board, {
    authorize: ({ user, params }) => isPerson(user.id) && isBoardName(params.id),
    snapshot: ({ params }) => tables.read(params.id),
    mutations: {
      'stroke:add': {
        transaction: ({ input, params, user, publish, reject }) => {
          const author = tables.authorOf(params.id, input.id)
          if (author !== undefined && author !== user.id) throw reject('Somebody else drew that stroke.')
          const stroke = { ...input, by: user.id }
          if (tables.addStroke(params.id, stroke)) publish('stroke:added', stroke)
        },
      },
      'stroke:remove': {
        transaction: ({ input, params, user, publish, reject }) => {
          const author = tables.authorOf(params.id, input.id)
          if (author === undefined) return
          if (author !== user.id) throw reject('Somebody else drew that stroke.')
          tables.removeStroke(params.id, input.id)
          publish('stroke:removed', { id: input.id })
        },
      },
      'board:clear': {
        transaction: ({ params, user, publish }) => {
          tables.clear(params.id)
          publish('board:cleared', { by: user.id })
        },
      },
      'chat:send': {
        transaction: ({ input, params, user, publish }) => {
          const message = { ...input, by: user.id, at: Date.now() }
          if (tables.addMessage(params.id, message)) publish('chat:sent', message)
        },
      },
    },
  })
  return hub
}
