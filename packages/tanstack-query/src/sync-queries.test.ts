import { SynclineError } from '@syncline/core'
import {
  dehydrate,
  hydrate,
  type InfiniteData,
  InfiniteQueryObserver,
  QueryClient,
  QueryObserver,
} from '@tanstack/query-core'
import { expect, test, vi } from 'vitest'
import { createFakeChannel, type FakeChannel, type FakeReceipt } from '../test/fakes/fake-channel.ts'
import { createFakeServer, settle } from '../test/fakes/fake-server.ts'
import { put, type Todo } from '../test/fakes/todos.ts'
import { invalidate } from './invalidate.ts'
import { overlay } from './overlay.ts'
import { patch } from './patch.ts'
import { syncQueries } from './sync-queries.ts'

const a: Todo = { id: 'a', text: 'a' }
const b: Todo = { id: 'b', text: 'b' }
const c: Todo = { id: 'c', text: 'c' }
const changed: Todo = { id: 'a', text: 'changed' }

/** A list on screen, fetched once, and a channel that syncs into it. */
const setUp = async ({ first = [a] as readonly Todo[] } = {}) => {
  const channel = createFakeChannel()
  const server = createFakeServer()
  const key = server.options.queryKey
  const stop = syncQueries(server.queryClient, channel.handle, {
    on: {
      'todo:created': invalidate(server.options),
      'todo:updated': patch(key, (list: readonly Todo[], todo) => put(list, todo)),
      'todo:deleted': patch(key, (list: readonly Todo[], id) => list.filter((todo) => todo.id !== id)),
    },
    optimistic: {
      'todo:create': overlay(key, (list: readonly Todo[], input) => put(list, input)),
      'todo:delete': overlay(key, (list: readonly Todo[], id) => list.filter((todo) => todo.id !== id)),
    },
  })
  const unobserve = server.observe()
  await server.requests[0]?.answer(first)
  /** Whether the query is without what overlays need. */
  const isGivenBack = () => server.query().setData === Object.getPrototypeOf(server.query()).setData
  return { channel, ...server, isGivenBack, stop, unobserve }
}

test('an event fetches what is on screen again', async () => {
  const { channel, requests, shown } = await setUp()
  channel.emit('todo:created', b)
  await settle()
  expect(requests).toHaveLength(2)
  await requests[1]?.answer([a, b])
  expect(shown()).toEqual(['a', 'b'])
})

test('the messages of one turn make one invalidation for each key', async () => {
  const { channel, queryClient, requests } = await setUp()
  const invalidateQueries = vi.spyOn(queryClient, 'invalidateQueries')
  for (let count = 0; count < 5; count++) channel.emit('todo:created', b)
  await settle()
  expect(invalidateQueries).toHaveBeenCalledTimes(1)
  expect(requests).toHaveLength(2)
})

test('a query that nobody watches is only marked as stale', async () => {
  const { channel, unobserve, requests, query } = await setUp()
  unobserve()
  channel.emit('todo:created', b)
  await settle()
  expect(requests).toHaveLength(1)
  expect(query().state.isInvalidated).toBe(true)
})

test('a message during a fetch lets it end and brings one more', async () => {
  const { channel, requests, shown } = await setUp()
  channel.emit('todo:created', b)
  await settle()
  channel.emit('todo:created', c)
  channel.emit('todo:created', c)
  await settle()
  expect(requests).toHaveLength(2)
  await requests[1]?.answer([a, b])
  expect(shown()).toEqual(['a', 'b'])
  expect(requests).toHaveLength(3)
  await requests[2]?.answer([a, b, c])
  expect(requests).toHaveLength(3)
  expect(shown()).toEqual(['a', 'b', 'c'])
})

test('a message during the first fetch brings another', async () => {
  const channel = createFakeChannel()
  const { observe, options, queryClient, requests, shown } = createFakeServer()
  syncQueries(queryClient, channel.handle, { on: { 'todo:created': invalidate(options) } })
  observe()
  channel.emit('todo:created', b)
  await settle()
  await requests[0]?.answer([a])
  await requests[1]?.answer([a, b])
  expect(requests).toHaveLength(2)
  expect(shown()).toEqual(['a', 'b'])
})

test('a patch shows without a fetch and leaves time and staleness as they are', async () => {
  const { channel, query, requests, shown } = await setUp()
  query().invalidate()
  const before = query().state
  channel.emit('todo:updated', changed)
  await settle()
  expect(shown()).toEqual(['changed'])
  expect(requests).toHaveLength(1)
  expect(query().state).toEqual({ ...before, data: [changed] })
})

test('a fetch that began before a patch does not bring the old data back', async () => {
  const { channel, frames, queryClient, options, requests, shown } = await setUp()
  void queryClient.refetchQueries(options)
  channel.emit('todo:updated', changed)
  await settle()
  await requests[1]?.answer([a, b])
  expect(shown()).toEqual(['changed', 'b'])
  expect(frames).toEqual([['a'], ['changed'], ['changed', 'b']])
})

test('a patch from before a fetch is not applied to its result', async () => {
  const { channel, queryClient, options, requests, shown } = await setUp()
  void queryClient.refetchQueries(options)
  channel.emit('todo:updated', changed)
  await settle()
  await requests[1]?.fail(new Error('no'))
  void queryClient.refetchQueries(options)
  await requests[2]?.answer([{ id: 'a', text: 'newer' }])
  expect(shown()).toEqual(['newer'])
})

test('a fetch that is cancelled does not bring the old data back', async () => {
  const { channel, queryClient, options, shown } = await setUp()
  const write = channel.mutate('todo:create', b)
  void queryClient.refetchQueries(options)
  channel.emit('todo:updated', changed)
  channel.mutate('todo:create', c)
  await settle()
  await queryClient.cancelQueries(options)
  expect(shown()).toEqual(['changed', 'b', 'c'])
  channel.refuse(write)
  await settle()
  expect(shown()).toEqual(['changed', 'c'])
})

test('a message during the first fetch is patched into its result', async () => {
  const channel = createFakeChannel()
  const { observe, options, queryClient, requests, frames } = createFakeServer()
  syncQueries(queryClient, channel.handle, {
    on: { 'todo:updated': patch(options.queryKey, (list: readonly Todo[], todo) => put(list, todo)) },
  })
  observe()
  channel.emit('todo:updated', changed)
  await settle()
  await requests[0]?.answer([a, b])
  expect(frames).toEqual([['changed', 'b']])
})

test('a pending write shows at once and over every fetch', async () => {
  const { channel, frames, queryClient, options, requests, shown } = await setUp()
  channel.mutate('todo:create', b)
  expect(shown()).toEqual(['a', 'b'])
  void queryClient.refetchQueries(options)
  await requests[1]?.answer([c])
  expect(shown()).toEqual(['c', 'b'])
  expect(frames).toEqual([['a'], ['a', 'b'], ['c', 'b']])
})

test('a write leaves the screen never: from input to the result of a fetch after its message', async () => {
  const { channel, frames, queryClient, options, requests, shown } = await setUp()
  const write = channel.mutate('todo:create', { id: 'b', text: 'draft' })
  void queryClient.refetchQueries(options)
  channel.emit('todo:created', b, write)
  channel.accept(write)
  channel.apply(write)
  await settle()
  expect(shown()).toEqual(['a', 'draft'])
  // It began before the message: it may lack the write.
  await requests[1]?.answer([a])
  expect(shown()).toEqual(['a', 'draft'])
  await requests[2]?.answer([a, b])
  expect(shown()).toEqual(['a', 'b'])
  expect(requests).toHaveLength(3)
  expect(frames.slice(1).every((frame) => frame.length === 2)).toBe(true)
})

test('accepted alone does not end an overlay whose message is still to come', async () => {
  const { channel, queryClient, options, requests, shown } = await setUp()
  const write = channel.mutate('todo:create', b)
  channel.accept(write)
  void queryClient.refetchQueries(options)
  await settle()
  await requests[1]?.answer([a])
  expect(shown()).toEqual(['a', 'b'])
})

test('a write without effects on the channel waits for a fetch after its acceptance', async () => {
  const { channel, requests, shown } = await setUp()
  const write = channel.mutate('todo:create', b)
  channel.accept(write, [])
  channel.apply(write)
  await settle()
  expect(shown()).toEqual(['a', 'b'])
  expect(requests).toHaveLength(2)
  await requests[1]?.answer([a])
  expect(shown()).toEqual(['a'])
})

test('a patch by its own message takes the place of an overlay, in one frame', async () => {
  const { channel, frames, requests, shown } = await setUp({ first: [a, b] })
  const write = channel.mutate('todo:delete', 'b')
  channel.emit('todo:deleted', 'b', write)
  channel.emit('todo:updated', changed, write)
  channel.accept(write)
  channel.apply(write)
  await settle()
  expect(shown()).toEqual(['changed'])
  expect(requests).toHaveLength(1)
  expect(frames).toEqual([['a', 'b'], ['a'], ['changed']])
})

test('a refused write is taken back alone', async () => {
  const { channel, frames, shown } = await setUp()
  channel.mutate('todo:create', b)
  const refused = channel.mutate('todo:create', c)
  const last = channel.mutate('todo:delete', 'a')
  expect(shown()).toEqual(['b', 'c'])
  channel.refuse(refused)
  await settle()
  expect(shown()).toEqual(['b'])
  channel.refuse(last)
  await settle()
  expect(shown()).toEqual(['a', 'b'])
  expect(frames).toEqual([['a'], ['a', 'b'], ['a', 'b', 'c'], ['b', 'c'], ['b'], ['a', 'b']])
})

test('writes from before a reload show by their name', async () => {
  const channel = createFakeChannel()
  const { observe, options, queryClient, requests, shown } = createFakeServer()
  channel.mutate('todo:create', b)
  syncQueries(queryClient, channel.handle, {
    optimistic: {
      'todo:create': overlay(options.queryKey, (list: readonly Todo[], input) => put(list, input)),
    },
  })
  observe()
  await requests[0]?.answer([a])
  expect(shown()).toEqual(['a', 'b'])
})

test('a message that comes before the acceptance does not show the write again', async () => {
  const { channel, requests, shown } = await setUp()
  const write = channel.mutate('todo:create', b)
  channel.emit('todo:created', b, write)
  await settle()
  await requests[1]?.answer([a])
  expect(shown()).toEqual(['a'])
  channel.mutate('todo:create', c)
  expect(shown()).toEqual(['a', 'c'])
  channel.accept(write)
  channel.apply(write)
  expect(shown()).toEqual(['a', 'c'])
})

test('what the app sets becomes the base', async () => {
  const { channel, queryClient, options, shown } = await setUp()
  const write = channel.mutate('todo:create', b)
  queryClient.setQueryData(options.queryKey, [c])
  expect(shown()).toEqual(['c', 'b'])
  channel.refuse(write)
  await settle()
  expect(shown()).toEqual(['c'])
})

test('an overlay leaves time, error and staleness of the data as they are', async () => {
  const { channel, query, queryClient, options, requests } = await setUp()
  void queryClient.refetchQueries(options)
  await requests[1]?.fail(new Error('no'))
  const before = query().state
  expect(before.status).toBe('error')
  channel.mutate('todo:create', b)
  expect(query().state).toEqual({ ...before, data: [a, b] })
})

test('a fetch that fails keeps the overlay until one succeeds', async () => {
  const { channel, queryClient, options, requests, shown } = await setUp()
  const write = channel.mutate('todo:create', b)
  channel.emit('todo:created', b, write)
  await settle()
  await requests[1]?.fail(new Error('no'))
  expect(shown()).toEqual(['a', 'b'])
  void queryClient.refetchQueries(options)
  await requests[2]?.answer([a, b, c])
  expect(shown()).toEqual(['a', 'b', 'c'])
})

test('a list that nobody watches keeps the effect until it is fetched', async () => {
  const { channel, isGivenBack, observe, requests, shown, unobserve } = await setUp()
  unobserve()
  const write = channel.mutate('todo:create', b)
  channel.emit('todo:created', b, write)
  channel.apply(write)
  await settle()
  expect(shown()).toEqual(['a', 'b'])
  expect(requests).toHaveLength(1)
  expect(isGivenBack()).toBe(true)
  observe()
  await requests[1]?.answer([a])
  expect(shown()).toEqual(['a'])
})

test('a query that is removed and built again shows what is pending over its new data', async () => {
  const { channel, queryClient, options, requests, shown, unobserve } = await setUp()
  channel.mutate('todo:create', b)
  unobserve()
  queryClient.removeQueries(options)
  void queryClient.prefetchQuery(options)
  await settle()
  await requests[1]?.answer([c])
  expect(shown()).toEqual(['c', 'b'])
})

test('equal data stays the same object', async () => {
  const { channel, queryClient, options, requests } = await setUp()
  channel.mutate('todo:create', b)
  const before = queryClient.getQueryData<readonly Todo[]>(options.queryKey)
  void queryClient.refetchQueries(options)
  await requests[1]?.answer([{ ...a }])
  expect(queryClient.getQueryData(options.queryKey)).toBe(before)
})

test.each([
  ['the first join', ({ move }) => move({ phase: 'live' })],
  ['a range that is gone', ({ miss }) => miss()],
  ['a message that fails its schema', ({ fail }) => fail(new SynclineError('schema-violation'))],
] satisfies [string, (channel: FakeChannel) => void][])(
  '%s fetches every query that is synced',
  async (_, happen) => {
    const { channel, requests } = await setUp()
    happen(channel)
    await settle()
    expect(requests).toHaveLength(2)
  },
)

test.each(['gap', 'snapshot'] as const)(
  'once live again, a %s fetches every query that is synced',
  async (phase) => {
    const { channel, requests } = await setUp()
    channel.move({ phase: 'live' })
    await settle()
    await requests[1]?.answer([a])
    channel.move({ phase })
    channel.move({ phase: 'offline' })
    await settle()
    expect(requests).toHaveLength(2)
    channel.move({ phase: 'live' })
    await settle()
    expect(requests).toHaveLength(3)
  },
)

test('delivered positions and other errors fetch nothing', async () => {
  const { channel, requests } = await setUp()
  channel.move({ phase: 'live', position: { epoch: 'a', seq: 3, id: '' } })
  await settle()
  await requests[1]?.answer([a])
  channel.move({ position: { epoch: 'a', seq: 4, id: '' } })
  channel.move({ phase: 'offline' })
  channel.move({ phase: 'catching-up' })
  channel.move({ phase: 'live' })
  channel.fail(new SynclineError('rejected'))
  await settle()
  expect(requests).toHaveLength(2)
})

test('two channels lay over one query', async () => {
  const { channel, queryClient, options, requests, shown, stop } = await setUp()
  const other = createFakeChannel('archive')
  const stopOther = syncQueries(queryClient, other.handle, {
    optimistic: {
      'todo:create': overlay(options.queryKey, (list: readonly Todo[], input) => put(list, input)),
    },
  })
  channel.mutate('todo:create', b)
  other.mutate('todo:create', c)
  expect(shown()).toEqual(['a', 'b', 'c'])
  stop()
  await settle()
  expect(shown()).toEqual(['a', 'c'])
  await requests[1]?.answer([b])
  expect(shown()).toEqual(['b', 'c'])
  stopOther()
  await settle()
  expect(shown()).toEqual(['b'])
})

test('once stopped, the query is as it was found and the channel is left', async () => {
  const { channel, isGivenBack, query, queryClient, options, requests, shown, stop } = await setUp()
  channel.mutate('todo:create', b)
  stop()
  stop()
  expect(channel.isJoined()).toBe(false)
  await settle()
  expect(shown()).toEqual(['a'])
  await requests[1]?.answer([a])
  channel.mutate('todo:create', c)
  queryClient.setQueryData(options.queryKey, [b])
  expect(query().state.data).toEqual([b])
  expect(isGivenBack()).toBe(true)
})

test('all queries whose key begins so, where that is asked for', async () => {
  const channel = createFakeChannel()
  const { queryClient } = createFakeServer()
  queryClient.setQueryData(['todo', 'a'], a)
  queryClient.setQueryData(['todo', 'b'], b)
  syncQueries(queryClient, channel.handle, {
    on: {
      'todo:updated': patch({ queryKey: ['todo'], exact: false }, (old: Todo, todo) =>
        old.id === todo.id ? todo : old,
      ),
    },
  })
  channel.emit('todo:updated', changed)
  await settle()
  expect(queryClient.getQueriesData({ queryKey: ['todo'] })).toEqual([
    [['todo', 'a'], changed],
    [['todo', 'b'], b],
  ])
})

test('a query that never fetches again keeps the effect', async () => {
  const channel = createFakeChannel()
  const { queryClient } = createFakeServer()
  const options = { queryKey: ['drawn'], queryFn: () => [a] as readonly Todo[], staleTime: 'static' as const }
  syncQueries(queryClient, channel.handle, {
    optimistic: {
      'todo:create': overlay(options.queryKey, (list: readonly Todo[], input) => put(list, input)),
    },
  })
  new QueryObserver(queryClient, options).subscribe(() => {})
  await settle()
  const write = channel.mutate('todo:create', b)
  channel.apply(write)
  await settle()
  const [query] = queryClient.getQueryCache().getAll()
  expect(query?.state.data).toEqual([a, b])
  expect(query?.setData).toBe(Object.getPrototypeOf(query).setData)
})

test('an overlay stays over pages that are added, until all are fetched', async () => {
  const channel = createFakeChannel()
  const { queryClient } = createFakeServer()
  const pages: readonly Todo[][] = [[a], [c]]
  const options = {
    queryKey: ['pages'],
    queryFn: ({ pageParam }: { pageParam: number }) => Promise.resolve(pages[pageParam] ?? []),
    initialPageParam: 0,
    getNextPageParam: (_: unknown, all: readonly unknown[]) => all.length,
  }
  syncQueries(queryClient, channel.handle, {
    optimistic: {
      'todo:create': overlay(
        options.queryKey,
        ({ pages: [first = [], ...rest], ...data }: InfiniteData<readonly Todo[]>, input) => ({
          ...data,
          pages: [put(first, input), ...rest],
        }),
      ),
    },
  })
  const observer = new InfiniteQueryObserver(queryClient, options)
  observer.subscribe(() => {})
  const shown = () =>
    observer
      .getCurrentResult()
      .data?.pages.flat()
      .map(({ text }) => text)
  await settle()
  const write = channel.mutate('todo:create', b)
  void observer.fetchNextPage()
  await settle()
  expect(shown()).toEqual(['a', 'b', 'c'])
  channel.apply(write)
  await settle()
  expect(shown()).toEqual(['a', 'c'])
})

test('newer data that is hydrated becomes the base', async () => {
  const { channel, queryClient, shown } = await setUp()
  const write = channel.mutate('todo:create', b)
  const elsewhere = new QueryClient()
  elsewhere.setQueryData(['todos'], [c], { updatedAt: Date.now() + 1000 })
  hydrate(queryClient, dehydrate(elsewhere))
  expect(shown()).toEqual(['c', 'b'])
  channel.refuse(write)
  await settle()
  expect(shown()).toEqual(['c'])
})

test('what the app sets while a fetch is awaited ends no overlay', async () => {
  const { channel, queryClient, options, requests, shown } = await setUp()
  const write = channel.mutate('todo:create', b)
  channel.emit('todo:created', b, write)
  await settle()
  queryClient.setQueryData(options.queryKey, [c])
  expect(shown()).toEqual(['c', 'b'])
  await requests[1]?.answer([a])
  expect(shown()).toEqual(['a'])
})

test('what an overlay makes anew each time stays the same object', async () => {
  const { channel, queryClient, options } = await setUp()
  syncQueries(queryClient, channel.handle, {
    optimistic: {
      'todo:create': overlay(options.queryKey, (list: readonly Todo[], input) => put(list, { ...input })),
    },
  })
  channel.mutate('todo:create', b)
  const before = queryClient.getQueryData<readonly Todo[]>(options.queryKey)?.[1]
  channel.emit('todo:updated', changed)
  await settle()
  expect(queryClient.getQueryData<readonly Todo[]>(options.queryKey)).toEqual([changed, b])
  expect(queryClient.getQueryData<readonly Todo[]>(options.queryKey)?.[1]).toBe(before)
})

test('a query without structural sharing is given what the handler made', async () => {
  const { channel, queryClient, options } = await setUp()
  const data: readonly Todo[] = []
  queryClient.setQueryDefaults(['other'], { structuralSharing: false })
  queryClient.setQueryData(['other'], [a])
  syncQueries(queryClient, channel.handle, { on: { 'todo:updated': patch(['other'], () => data) } })
  channel.emit('todo:updated', changed)
  await settle()
  expect(queryClient.getQueryData(['other'])).toBe(data)
  expect(queryClient.getQueryData(options.queryKey)).toEqual([changed])
})

test('a new write runs its own overlay only', async () => {
  const { channel, queryClient, options } = await setUp()
  const runs = vi.fn((list: readonly Todo[]) => list)
  syncQueries(queryClient, channel.handle, { optimistic: { 'todo:create': overlay(options.queryKey, runs) } })
  for (let count = 0; count < 10; count++) channel.mutate('todo:create', b)
  expect(runs).toHaveBeenCalledTimes(10)
})

test('patches that are too many for one fetch bring another; without a fetch they do not', async () => {
  const { channel, queryClient, options, requests } = await setUp()
  channel.mutate('todo:create', b)
  const flood = async () => {
    for (let count = 0; count <= 1000; count++) channel.emit('todo:updated', changed)
    await settle()
  }
  await flood()
  expect(requests).toHaveLength(1)
  void queryClient.refetchQueries(options)
  await flood()
  await requests[1]?.answer([a])
  expect(requests).toHaveLength(3)
})

test('a patch that throws is reported, and the query fetched', async () => {
  const { channel, queryClient, options, requests, shown } = await setUp()
  const failure = new Error('no')
  const reject = vi.spyOn(Promise, 'reject').mockReturnValueOnce(new Promise<never>(() => {}))
  syncQueries(queryClient, channel.handle, {
    on: {
      'todo:deleted': patch(options.queryKey, () => {
        throw failure
      }),
    },
  })
  channel.emit('todo:deleted', 'b')
  await settle()
  expect(reject).toHaveBeenCalledWith(failure)
  reject.mockRestore()
  expect(shown()).toEqual(['a'])
  expect(requests).toHaveLength(2)
})

test('a handler that returns nothing leaves the data as it is', async () => {
  const { channel, queryClient, options, shown } = await setUp()
  syncQueries(queryClient, channel.handle, {
    on: { 'todo:deleted': patch(options.queryKey, () => undefined) },
    optimistic: { 'todo:create': overlay(options.queryKey, () => undefined) },
  })
  channel.mutate('todo:create', b)
  channel.emit('todo:deleted', 'c')
  await settle()
  expect(shown()).toEqual(['a', 'b'])
})

test.each([
  ['whose effect has arrived', (channel: FakeChannel, write: FakeReceipt) => channel.apply(write)],
  ['that was refused', (channel: FakeChannel, write: FakeReceipt) => channel.refuse(write)],
])('a query that is built later does not show a write %s', async (_, happen) => {
  const { channel, queryClient, options, shown, unobserve } = await setUp()
  const write = channel.mutate('todo:create', b)
  happen(channel, write)
  await settle()
  unobserve()
  queryClient.removeQueries(options)
  queryClient.setQueryData(options.queryKey, [c])
  channel.mutate('todo:delete', 'x')
  expect(shown()).toEqual(['c'])
})

test('a write that is discarded is taken back', async () => {
  const { channel, shown } = await setUp()
  channel.mutate('todo:create', b).status$.set({ at: 'discarded' })
  await settle()
  expect(shown()).toEqual(['a'])
})

test('writes of other channels and publishes of the same name do not show', async () => {
  const { channel, shown } = await setUp()
  const write = channel.mutate('todo:rename', b)
  channel.pending$.set([
    { ...write, id: 'x', name: 'todo:create', channel: 'archive' },
    { ...write, id: 'y', name: 'todo:create', kind: 'publish' },
  ])
  expect(shown()).toEqual(['a'])
})
