import { SynclineError } from '@syncline/core'
import { expect, it } from 'vitest'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { createTestHub, type Todo, todos, writes } from '../testing/test-hub.ts'

const join = { type: 'join', channel: 'todos', snapshot: true } as const

const start = (store = memoryStore() as HubStore) => {
  const made = createTestHub({
    store,
    authenticate: ({ token }) => ({ id: token as string }),
  })
  made.hub.serve(todos, {
    snapshot: () => [],
    mutations: {
      'todo:create': ({ input, publish }): Todo => {
        publish('todo:created', input)
        return input
      },
    },
  })
  return made
}

/** The store, which fails so often before it tells a write stream. */
const failing = (store: HubStore, failures: number): HubStore => {
  let left = failures
  return {
    ...store,
    stream: async (key) => {
      if (left-- > 0) throw new SynclineError('store-unavailable')
      return store.stream(key)
    },
  }
}

it('names the writes of the same person’s other tabs, which may be on screen or stored there', async () => {
  const { client, time } = start()
  const one = await client({ client: 'one', token: 'ada' })
  one.send(writes(1, [{ id: 'a' }], { client: 'one' }))
  const other = await client({ client: 'other', token: 'bob' })
  other.send(writes(1, [{ id: 'b' }], { client: 'other' }))
  await time.settle()
  const two = await client({ client: 'two', token: 'ada' })
  two.send(join)
  await time.settle()
  expect(two.last('joined').snapshot).toMatchObject({ writes: ['write-a'] })
  two.send({ type: 'snapshot', channel: 'todos' })
  await time.settle()
  expect(two.last('snapshot')).toMatchObject({ writes: ['write-a'] })
})

it('names a client’s own writes alone where its subject is many', async () => {
  const { client, time } = start()
  for (let n = 1; n <= 33; n++) {
    const peer = await client({ client: `c${n}`, token: 'all' })
    peer.send(writes(1, [{ id: `${n}` }], { client: `c${n}` }))
  }
  await time.settle()
  const again = await client({ client: 'c7', token: 'all' })
  again.send(join)
  await time.settle()
  expect(again.last('joined').snapshot).toMatchObject({ writes: ['write-7'] })
})

it('is not sent before the store has told which writes are in it', async () => {
  const store = memoryStore() as HubStore
  const before = start(store)
  const early = await before.client({ token: 'ada' })
  early.send(writes(1, [{ id: 'a' }]))
  await before.time.settle()

  const restarted = start(failing(store, 2))
  const peer = await restarted.client({ token: 'ada' })
  // What was sent goes again before it joins.
  peer.send(writes(1, [{ id: 'a' }]))
  await restarted.time.settle()
  peer.send(join)
  await restarted.time.settle()
  expect(peer.all('joined')).toEqual([])
  expect(peer.last('refused').error.retryAfter).toBeGreaterThan(0)
  peer.send(join)
  await restarted.time.settle()
  expect(peer.last('joined').snapshot).toMatchObject({ writes: ['write-a'] })
})

it('names writes of a stream that was only named, as its client may not send yet', async () => {
  const store = memoryStore() as HubStore
  const before = start(store)
  const early = await before.client({ token: 'ada' })
  early.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
  await before.time.settle()

  const restarted = start(failing(store, 1))
  const peer = await restarted.client({ token: 'ada' })
  peer.send(writes(1, []))
  await restarted.time.settle()
  peer.send(writes(1, []), join)
  await restarted.time.settle()
  expect(peer.last('joined').snapshot).toMatchObject({ writes: ['write-a', 'write-b'] })
  // There is nothing to answer, or to send back.
  for (const type of ['answers', 'back', 'unknown-stream'] as const) expect(peer.all(type)).toEqual([])
  peer.send(writes(2, [{ id: 'b' }, { id: 'c' }]))
  await restarted.time.settle()
  expect(peer.all('answers').flatMap(({ answers }) => answers.map(([n]) => n))).toEqual([2, 3])
})
