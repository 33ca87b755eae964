import { SynclineError } from '@syncline/core'
import { MutationObserver, onlineManager, QueryClient } from '@tanstack/query-core'
import { afterEach, expect, test } from 'vitest'
import { createFakeChannel, type FakeReceipt } from '../test/fakes/fake-channel.ts'
import { settle } from '../test/fakes/fake-server.ts'
import { channelMutation } from './channel-mutation.ts'

const input = { id: 'a', text: 'a' }

const start = async (options?: Parameters<typeof channelMutation>[2]) => {
  const channel = createFakeChannel()
  const queryClient = new QueryClient({ defaultOptions: { mutations: { retry: 3 } } })
  const observer = new MutationObserver(
    queryClient,
    channelMutation(channel.handle, 'todo:create', options as undefined),
  )
  observer.mutate(input).catch(() => {})
  await settle()
  const write = channel.pending$.get()[0] as FakeReceipt
  return { channel, observer, write }
}

afterEach(() => onlineManager.setOnline(true))

test('succeeds with the result once accepted', async () => {
  const { channel, observer, write } = await start()
  channel.queue(write)
  await settle()
  expect(observer.getCurrentResult().isPending).toBe(true)
  channel.accept(write)
  await settle()
  expect(observer.getCurrentResult().data).toEqual({ ...input, done: true })
})

test('succeeds with the receipt once queued, offline too', async () => {
  onlineManager.setOnline(false)
  const { channel, observer, write } = await start({ until: 'queued' })
  await settle()
  expect(observer.getCurrentResult().isPaused).toBe(false)
  channel.queue(write)
  await settle()
  expect(observer.getCurrentResult().data).toBe(write)
})

test('succeeds once applied, where that is asked for', async () => {
  const { channel, observer, write } = await start({ until: 'applied' })
  channel.accept(write)
  await settle()
  expect(observer.getCurrentResult().isPending).toBe(true)
  channel.apply(write)
  await settle()
  expect(observer.getCurrentResult().data).toEqual({ ...input, done: true })
})

test('waits no longer when the client is closed: the write is accepted', async () => {
  const { channel, observer, write } = await start({ until: 'applied' })
  channel.accept(write)
  await settle()
  write.status$.complete()
  await settle()
  expect(observer.getCurrentResult().status).toBe('success')
})

test.each(['queued', 'accepted', 'applied'] as const)(
  'fails once with the error of a write that ends before it is %s',
  async (until) => {
    const { channel, observer, write } = await start({ until })
    write.status$.set({ at: 'failed', error: new SynclineError('outbox-full') })
    await settle()
    expect(observer.getCurrentResult().error?.code).toBe('outbox-full')
    expect(observer.getCurrentResult().failureCount).toBe(1)
    expect(channel.pending$.get()).toHaveLength(1)
  },
)

test('writes with a key made from the input', async () => {
  const { write } = await start({ key: (todo) => (todo as typeof input).id })
  expect(write.key).toBe('a')
})
