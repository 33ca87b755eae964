import { createClient, defineChannel, type } from '@syncline/core'
import { createHub, memoryStore } from '@syncline/server'
import { sse } from '@syncline/sse'
import { sseGateway } from '@syncline/sse/hub'
import { eventually, until } from '@syncline/testing'
import { serveHub } from '@syncline/testing/adapter'
import { QueryClient, QueryObserver, queryOptions } from '@tanstack/react-query'
import { afterEach, expect, test } from 'vitest'
import { invalidate, overlay, patch, syncQueries } from '../src/index.ts'

interface Todo {
  readonly id: string
  readonly text: string
}

const todos = defineChannel('todos', {
  events: { 'todo:created': type<Todo>(), 'todo:renamed': type<Todo>() },
  mutations: {
    'todo:create': { input: type<Todo>(), output: type<Todo>() },
    'todo:rename': { input: type<Todo>() },
    'todo:import': { input: type<Todo>() },
  },
})

const put = (list: readonly Todo[], todo: Todo): readonly Todo[] =>
  list.some(({ id }) => id === todo.id)
    ? list.map((old) => (old.id === todo.id ? todo : old))
    : [...list, todo]

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A hub with a list in a database of its own, which is also what the query reads. */
const setUp = async () => {
  const database = new Map<string, Todo>()
  const hub = createHub({
    store: memoryStore(),
    authenticate: () => ({ id: 'ada' }),
    gateways: [sseGateway()],
  })
  hub.serve(todos, {
    authorize: () => true,
    mutations: {
      'todo:create': ({ input, publish, reject }) => {
        if (input.text === 'forbidden') throw reject('no')
        database.set(input.id, input)
        publish('todo:created', input)
        return input
      },
      'todo:rename': ({ input, publish }) => {
        database.set(input.id, input)
        publish('todo:renamed', input)
      },
      'todo:import': ({ input }) => void database.set(input.id, input),
    },
  })
  const url = await serveHub(hub)

  const device = () => {
    const client = createClient({ transport: sse(url) })
    ends.push(() => client.close())
    return client.channel(todos)
  }
  const channel = device()
  const queryClient = new QueryClient()
  const fetches: number[] = []
  const todosQuery = queryOptions({
    queryKey: ['todos'],
    queryFn: async (): Promise<readonly Todo[]> => {
      fetches.push(database.size)
      return [...database.values()]
    },
  })
  const frames: string[] = []
  const stop = syncQueries(queryClient, channel, {
    on: { 'todo:created': invalidate(todosQuery), 'todo:renamed': patch(todosQuery, put) },
    optimistic: {
      'todo:create': overlay(todosQuery, put),
      'todo:rename': overlay(todosQuery, put),
      'todo:import': overlay(todosQuery, put),
    },
  })
  ends.push(stop)
  const shown = () => (queryClient.getQueryData(todosQuery.queryKey) ?? []).map(({ text }) => text).join()
  ends.push(
    new QueryObserver(queryClient, todosQuery).subscribe(({ data }) => {
      if (data && frames.at(-1) !== shown()) frames.push(shown())
    }),
  )
  await until(channel.state$, ({ phase }) => phase === 'live')
  await eventually(() => queryClient.isFetching() === 0 && fetches.length > 0)
  return { channel, database, device, fetches, frames, queryClient, shown, todosQuery }
}

test('another device: its write arrives', async () => {
  const { device, shown } = await setUp()
  device().mutate('todo:create', { id: 'a', text: 'a' })
  await eventually(() => shown() === 'a')
})

test('writes show at once and stay through acceptance, message and fetch', async () => {
  const { channel, frames, queryClient, shown } = await setUp()
  const writes = Array.from({ length: 20 }, (_, n) =>
    channel.mutate('todo:create', { id: `${n}`, text: `${n}` }),
  )
  await Promise.resolve()
  await Promise.resolve()
  const all = writes.map((_, n) => n).join()
  expect(shown()).toBe(all)
  for (const write of writes) await until(write.status$, ({ at }) => at === 'applied')
  await eventually(() => queryClient.isFetching() === 0)
  expect(shown()).toBe(all)
  // From the first frame on that has all of them, no frame lacks one or has one twice.
  expect(new Set(frames.slice(frames.indexOf(all)))).toEqual(new Set([all]))
})

test('a patched write takes the place of its overlay without a fetch', async () => {
  const { channel, fetches, frames, queryClient, todosQuery } = await setUp()
  queryClient.setQueryData(todosQuery.queryKey, [{ id: 'a', text: 'a' }])
  const before = fetches.length
  const write = channel.mutate('todo:rename', { id: 'a', text: 'renamed' })
  await until(write.status$, ({ at }) => at === 'applied')
  await eventually(() => frames.at(-1) === 'renamed')
  expect(fetches.length).toBe(before)
  expect(frames.slice(-2)).toEqual(['a', 'renamed'])
})

test('a write that publishes nothing stays on screen until it was fetched', async () => {
  const { channel, database, fetches, frames, queryClient } = await setUp()
  const before = fetches.length
  const write = channel.mutate('todo:import', { id: 'a', text: 'a' })
  await until(write.status$, ({ at }) => at === 'applied')
  await eventually(() => fetches.length > before && queryClient.isFetching() === 0)
  expect(database.size).toBe(1)
  expect(frames.at(-1)).toBe('a')
  expect(frames.filter((frame) => frame === '').length).toBeLessThanOrEqual(1)
})

test('a refused write is taken back alone', async () => {
  const { channel, shown } = await setUp()
  const good = channel.mutate('todo:create', { id: 'a', text: 'a' })
  const bad = channel.mutate('todo:create', { id: 'b', text: 'forbidden' })
  await until(bad.status$, ({ at }) => at === 'parked')
  await until(good.status$, ({ at }) => at === 'applied')
  await eventually(() => shown() === 'a')
})
