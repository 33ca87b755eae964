import { inspect } from 'node:util'
import { SynclineError } from '@syncline/core'
import { eventually } from '@syncline/testing'
import { expect, it } from 'vitest'
import { verifyJwt } from '../auth/verify-jwt.ts'
import { reject } from '../mutation/refusals.ts'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { createTestHub, type LogEntry, todos, writes } from '../testing/test-hub.ts'

const payload = 'written in confidence'

/** All that is said, with what errors hold inside. */
const said = (log: readonly LogEntry[]): string => inspect(log, { depth: Infinity })

it('names writes by their id, and says nothing of what they hold', async () => {
  let full = false
  const store = memoryStore() as HubStore
  const { hub, client, time, log } = createTestHub({
    store: {
      ...store,
      commit: (group) =>
        full ? Promise.reject(new SynclineError('store-unavailable')) : store.commit(group),
    },
  })
  hub.serve(todos, {
    snapshot: () => [{ id: 'a', text: payload }],
    mutations: {
      'todo:create': ({ input, publish }) => {
        if (input.id === 'refused') throw reject('No.')
        if (input.id === 'thrown') throw new Error('The handler broke.')
        publish('todo:created', input.id === 'odd' ? ({ id: 1, text: payload } as never) : input)
        return input
      },
    },
  })
  const peer = await client({ frames: [{ type: 'join', channel: 'todos' }] })
  const ids = ['fine', 'refused', 'thrown', 'odd', 7 as never]
  peer.send(
    writes(
      1,
      ids.map((id) => ({ id, text: payload })),
    ),
  )
  await time.settle()
  full = true
  peer.send(writes(ids.length + 1, [{ id: 'late', text: payload }]))
  await time.settle()
  peer.sendRaw([{ type: payload }, payload])
  await time.settle()

  expect(log.find(({ code }) => code === 'handler-failed')).toMatchObject({ traceId: 'write-thrown' })
  expect(log.find(({ code }) => code === 'store-unavailable')).toBeDefined()
  expect(said(log)).not.toContain(payload)
})

it('says why a token was refused, and never the token', async () => {
  const authenticate = verifyJwt({ secret: 'a secret that is at least 32 bytes long' })
  const { client, log } = createTestHub({ authenticate })
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmVkLWJ5LW5vYm9keQ'
  await client({ token })
  await eventually(() => log.some(({ code }) => code === 'unauthenticated'))
  for (const part of token.split('.')) expect(said(log)).not.toContain(part)
})
