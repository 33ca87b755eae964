import { SynclineError } from '@syncline/core'
import { expect, it } from 'vitest'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { createTestHub, type Todo, todos, writes } from '../testing/test-hub.ts'

const failure = () => new SynclineError('store-unavailable')

/** A store whose next commit is there and fails all the same; with `reads` off it cannot be read meanwhile. */
const setUp = () => {
  const store = memoryStore() as HubStore
  const trouble = { unanswered: false, reads: true }
  let ran = 0
  const { hub, client, time } = createTestHub({
    heartbeat: 10_000,
    store: {
      ...store,
      channel: (name) => (trouble.reads ? store.channel(name) : Promise.reject(failure())),
      commit: async (group) => {
        const outcomes = await store.commit(group)
        if (!trouble.unanswered || group.length === 0) return outcomes
        trouble.unanswered = false
        throw failure()
      },
    },
  })
  hub.serve(todos, {
    snapshot: (): Todo[] => [],
    mutations: {
      'todo:create': ({ input, publish }) => {
        ran++
        publish('todo:created', input)
        return input
      },
    },
  })
  const join = async () => {
    const peer = await client()
    peer.send({ type: 'join', channel: 'todos' })
    await time.settle()
    return peer
  }
  return { trouble, time, client, join, ran: () => ran }
}

it('tells everybody of a commit that is there though the store failed', async () => {
  const { trouble, time, client, join } = setUp()
  const watcher = await join()
  const writer = await client({ client: 'writer' })
  trouble.unanswered = true
  writer.send(writes(1, [{ id: 'a' }]))
  await time.settle()
  expect(watcher.last('messages')).toMatchObject({ head: { seq: 1 } })
  const late = await join()
  expect(late.last('joined')).toMatchObject({ head: { seq: 1 } })
})

it('gives the stored answer to the write when it comes again, and does not run it again', async () => {
  const { trouble, time, client, ran } = setUp()
  const writer = await client({ client: 'writer' })
  trouble.unanswered = true
  writer.send(writes(1, [{ id: 'a' }]))
  await time.settle()
  expect(writer.last('back')).toMatchObject({ expect: 1, error: { code: 'store-unavailable' } })
  writer.send(writes(1, [{ id: 'a' }]))
  await time.settle()
  expect(writer.last('answers').answers).toHaveLength(1)
  expect(ran()).toBe(1)
})

it('tells of it at the next heartbeat where the store could not be read at once', async () => {
  const { trouble, time, client, join } = setUp()
  const watcher = await join()
  const writer = await client({ client: 'writer' })
  trouble.unanswered = true
  trouble.reads = false
  writer.send(writes(1, [{ id: 'a' }]))
  await time.settle()
  expect(watcher.all('messages')).toEqual([])
  trouble.reads = true
  await time.advance(10_000)
  expect(watcher.last('messages')).toMatchObject({ head: { seq: 1 } })
})
