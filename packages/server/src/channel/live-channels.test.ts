import { SynclineError } from '@syncline/core'
import { expect, test } from 'vitest'
import { memoryStore } from '../store/memory-store.ts'
import { board, startTestHub } from '../testing/test-hub.ts'

const start = async (idleChannels: number) => {
  const reads: string[] = []
  const trouble = { down: false }
  const store = memoryStore()
  const { hub, client, time } = startTestHub({
    limits: { idleChannels },
    store: {
      ...store,
      channel: (name) => {
        reads.push(name)
        return trouble.down ? Promise.reject(new SynclineError('store-unavailable')) : store.channel(name)
      },
    },
  })
  hub.serve(board, {})
  const peer = await client({ client: 'c1' })
  const say = (type: 'join' | 'leave') => async (ids: readonly number[]) => {
    for (const id of ids) peer.send({ type, channel: `board/${id}` })
    await time.settle()
  }
  return {
    time,
    trouble,
    peer,
    join: say('join'),
    leave: say('leave'),
    channels: () => hub.health().channels,
    /** Those that had to be read from the store to be joined. */
    readFor: async (ids: readonly number[]) => {
      reads.length = 0
      await say('join')(ids)
      return [...reads]
    },
  }
}
const first = (count: number) => Array.from({ length: count }, (_, id) => id)

test('keeps all that are in use, and of those that were left only as many as it may', async () => {
  const { join, leave, channels } = await start(3)
  await join(first(20))
  expect(channels()).toBe(20)
  await leave(first(10))
  expect(channels()).toBe(13)
  await leave(first(20))
  expect(channels()).toBe(3)
})

test('forgets what a link was on that broke', async () => {
  const { join, peer, time, channels } = await start(3)
  await join(first(20))
  peer.cut()
  await time.advance(60_000)
  expect(channels()).toBe(3)
})

test('forgets the longest unused, whenever it was made', async () => {
  const { join, leave, readFor } = await start(2)
  await join(first(4))
  for (const id of [2, 0, 3, 1]) await leave([id])
  expect(await readFor([1, 3])).toEqual([])
  expect(await readFor([2, 0])).toEqual(['board/2', 'board/0'])
})

test('forgets what could not be read', async () => {
  const { trouble, join, channels } = await start(3)
  trouble.down = true
  for (const id of first(20)) await join([id])
  expect(channels()).toBe(3)
})
