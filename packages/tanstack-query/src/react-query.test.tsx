// @vitest-environment happy-dom
import {
  notifyManager,
  QueryClient,
  QueryClientProvider,
  queryOptions,
  useMutation,
  useQuery,
} from '@tanstack/react-query'
import { act, render, screen } from '@testing-library/react'
import { StrictMode, useEffect } from 'react'
import { expect, test } from 'vitest'
import { createFakeChannel, type FakeReceipt } from '../test/fakes/fake-channel.ts'
import { settle } from '../test/fakes/fake-server.ts'
import { put, type Todo } from '../test/fakes/todos.ts'
import { channelMutation } from './channel-mutation.ts'
import { invalidate } from './invalidate.ts'
import { overlay } from './overlay.ts'
import { syncQueries } from './sync-queries.ts'

// TanStack waits for a timer before it notifies; a turn is enough.
notifyManager.setScheduler(queueMicrotask)

test('in React: a write shows, is accepted and stays, with no frame without it', async () => {
  const channel = createFakeChannel()
  const queryClient = new QueryClient()
  const server: Todo[] = []
  const frames: string[] = []
  const todosQuery = queryOptions({
    queryKey: ['todos'],
    queryFn: (): Promise<readonly Todo[]> => Promise.resolve([...server]),
  })

  const List = () => {
    const { data } = useQuery(todosQuery)
    const create = useMutation(channelMutation(channel.handle, 'todo:create'))
    useEffect(
      () =>
        syncQueries(queryClient, channel.handle, {
          on: { 'todo:created': invalidate(todosQuery) },
          optimistic: { 'todo:create': overlay(todosQuery, (todos, input) => put(todos, input)) },
        }),
      [],
    )
    const shown = `${data?.map(({ text }) => text).join()} ${create.status}`
    if (frames.at(-1) !== shown) frames.push(shown)
    return (
      <button type="button" onClick={() => create.mutate({ id: 'a', text: 'a' })}>
        Add
      </button>
    )
  }

  render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <List />
      </QueryClientProvider>
    </StrictMode>,
  )
  await act(settle)
  await act(async () => {
    screen.getByRole('button').click()
    await settle()
  })
  const write = channel.pending$.get()[0] as FakeReceipt
  server.push({ id: 'a', text: 'a', done: true })
  await act(async () => {
    channel.emit('todo:created', server[0], write)
    channel.accept(write)
    channel.apply(write)
    await settle()
  })
  expect(queryClient.getQueryData(todosQuery.queryKey)).toEqual(server)
  expect(frames.filter((frame) => frame.startsWith('undefined'))).toHaveLength(1)
  const first = frames.findIndex((frame) => frame.startsWith('a '))
  expect(frames.slice(first).every((frame) => frame.startsWith('a '))).toBe(true)
  expect(frames.at(-1)).toBe('a success')
})
