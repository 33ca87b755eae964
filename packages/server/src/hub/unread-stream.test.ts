import { SynclineError } from '@syncline/core'
import { expect, it } from 'vitest'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { createTestHub, type Todo, todos, writes } from '../testing/test-hub.ts'

/** A store whose streams cannot be read while it is down. */
const setUp = async () => {
  const store = memoryStore() as HubStore
  const trouble = { down: true }
  const { hub, client, time } = createTestHub({
    store: {
      ...store,
      stream: (key) =>
        trouble.down ? Promise.reject(new SynclineError('store-unavailable')) : store.stream(key),
    },
  })
  hub.serve(todos, {
    snapshot: (): Todo[] => [],
    mutations: { 'todo:create': ({ input }) => input },
  })
  return { trouble, time, writer: await client({ client: 'writer' }) }
}

it('a write is sent back from where its link began, though a later one comes while the store is still down', async () => {
  const { time, writer } = await setUp()
  writer.send(writes(1, [{ id: 'a' }]))
  await time.settle()
  expect(writer.last('back')).toMatchObject({ expect: 1, error: { code: 'store-unavailable' } })
  writer.send(writes(2, [{ id: 'b' }]))
  await time.settle()
  expect(writer.all('back').map(({ expect: from }) => from)).toEqual([1, 1])
})

it('a later one does not make a stream unknown whose first was sent back', async () => {
  const { trouble, time, writer } = await setUp()
  writer.send(writes(1, [{ id: 'a' }]))
  await time.settle()
  trouble.down = false
  writer.send(writes(2, [{ id: 'b' }]))
  await time.settle()
  expect(writer.all('unknown-stream')).toEqual([])
  expect(writer.last('back')).toMatchObject({ expect: 1, error: { code: 'wrong-number' } })
  writer.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
  await time.settle()
  expect(writer.last('answers').answers).toHaveLength(2)
})
