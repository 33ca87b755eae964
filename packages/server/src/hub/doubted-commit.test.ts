import { SynclineError } from '@syncline/core'
import { expect, it } from 'vitest'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { board, createTestHub, type Todo, todos, writes } from '../testing/test-hub.ts'

const failure = () => new SynclineError('store-unavailable')

/** A store whose next commit is there and fails all the same; with `reads` off it cannot be read meanwhile. */
const setUp = () => {
  const store = memoryStore() as HubStore
  const trouble = { unanswered: false, reads: true }
  const reading = { until: Promise.resolve() }
  const running = { until: Promise.resolve() }
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
    snapshot: async (): Promise<Todo[]> => {
      await reading.until
      return []
    },
    mutations: {
      'todo:create': async ({ input, publish }) => {
        ran++
        await running.until
        publish('todo:created', input)
        return input
      },
    },
  })
  hub.serve(board, {})
  const join = async () => {
    const peer = await client()
    peer.send({ type: 'join', channel: 'todos', snapshot: true })
    await time.settle()
    return peer
  }
  return { trouble, reading, running, time, hub, client, join, ran: () => ran }
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

it('tells whoever was reading a snapshot while the head could not be read', async () => {
  const { trouble, reading, time, hub, client, join } = setUp()
  let finish = (): void => {}
  reading.until = new Promise((resolve) => (finish = resolve))
  const watcher = await join()
  trouble.unanswered = true
  trouble.reads = false
  hub.publish(board, { id: '1' }, 'moved', { x: 1 }).catch(() => undefined)
  await time.settle()
  trouble.reads = true
  finish()
  await time.settle()
  expect(watcher.last('joined')).toMatchObject({ head: { seq: 0 } })
  const writer = await client({ client: 'writer' })
  writer.send(writes(1, [{ id: 'a' }]))
  await time.settle()
  expect(watcher.last('messages').messages).toHaveLength(1)
})

it('keeps snapshots and handlers apart where the handler began while the head could not be read', async () => {
  const { trouble, running, time, client, join } = setUp()
  let finish = (): void => {}
  running.until = new Promise((resolve) => (finish = resolve))
  const writer = await client({ client: 'writer' })
  trouble.reads = false
  writer.send(writes(1, [{ id: 'a' }]))
  await time.settle()
  trouble.reads = true
  const late = await join()
  await time.advance(1_500)
  expect(late.last('joined').snapshot).toBeUndefined()
  expect(late.last('snapshot').error).toMatchObject({ code: 'snapshot-failed' })
  finish()
  await time.settle()
  expect(late.last('messages').messages).toHaveLength(1)
})
