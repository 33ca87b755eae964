import { expect, it } from 'vitest'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { createTestHub, type Todo, todos, writes } from '../testing/test-hub.ts'

it('answers over the link that a client came back with while its stream was read, though no more fitted', async () => {
  const store = memoryStore() as HubStore
  let read = () => {}
  const gate = new Promise<void>((resolve) => {
    read = resolve
  })
  const { hub, client, time } = createTestHub({
    limits: { writesInFlight: 2 },
    store: {
      ...store,
      stream: async (key) => {
        await gate
        return store.stream(key)
      },
    },
  })
  hub.serve(todos, { snapshot: (): Todo[] => [], mutations: { 'todo:create': ({ input }) => input } })
  const first = await client()
  first.send(writes(1, [{ id: 'a' }]))
  first.send(writes(2, [{ id: 'b' }]))
  await time.settle()
  first.cut()
  const second = await client()
  second.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
  await time.settle()
  read()
  await time.settle()
  expect(second.all('answers').flatMap(({ answers }) => answers.map(([n]) => n))).toEqual([1, 2])
})
