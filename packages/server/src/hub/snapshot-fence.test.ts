import { SynclineError } from '@syncline/core'
import { expect, it } from 'vitest'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { createTestHub, type Todo, todos } from '../testing/test-hub.ts'

it.each([
  ['is not sent by a hub that was fenced off: what it read may have what it does not know of', 'fenced'],
  ['is not sent while that is not known', 'store-unavailable'],
] as const)('a snapshot %s', async (_, code) => {
  let trouble = false
  const store = memoryStore() as HubStore
  const { hub, client, time } = createTestHub({
    store: {
      ...store,
      commit: (group) => (trouble ? Promise.reject(new SynclineError(code)) : store.commit(group)),
    },
  })
  hub.serve(todos, {
    snapshot: (): Todo[] => {
      trouble = true
      return [{ id: 'a', text: 'of the other hub' }]
    },
    mutations: { 'todo:create': ({ input }) => input },
  })
  const peer = await client()
  peer.send({ type: 'join', channel: 'todos', snapshot: true })
  await time.settle()
  expect(peer.all('joined').filter(({ snapshot }) => snapshot)).toEqual([])
  expect(peer.all('bye')).toHaveLength(code === 'fenced' ? 1 : 0)
  if (code === 'fenced') return
  expect(peer.last('snapshot').error).toMatchObject({ code: 'snapshot-failed', retryAfter: 1_000 })
})
