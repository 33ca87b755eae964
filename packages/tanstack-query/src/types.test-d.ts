import type { ChannelHandle, Receipt, SynclineError } from '@syncline/core'
import { infiniteQueryOptions, queryOptions, useMutation } from '@tanstack/react-query'
import { expectTypeOf } from 'vitest'
import type { Todo, todos } from '../test/fakes/todos.ts'
import { channelMutation, invalidate, overlay, patch, syncQueries } from './index.ts'

declare const channel: ChannelHandle<typeof todos>
declare const queryClient: Parameters<typeof syncQueries>[0]

const todosQuery = queryOptions({ queryKey: ['todos'], queryFn: (): Todo[] => [] })
const pagesQuery = infiniteQueryOptions({
  queryKey: ['pages'],
  queryFn: (): Todo[] => [],
  initialPageParam: 0,
  getNextPageParam: () => 1,
})

// The query's data comes from its options, the event's and the input from the contract.
syncQueries(queryClient, channel, {
  on: {
    'todo:created': [
      invalidate(todosQuery),
      patch(todosQuery, (old, todo, message) => {
        expectTypeOf(old).toEqualTypeOf<Todo[]>()
        expectTypeOf(todo).toEqualTypeOf<Todo>()
        expectTypeOf(message.data).toEqualTypeOf<Todo>()
        return [...old, todo]
      }),
    ],
    'todo:deleted': patch(pagesQuery, ({ pages, pageParams }, id) => {
      expectTypeOf(id).toEqualTypeOf<string>()
      return { pageParams, pages: pages.map((page) => page.filter((todo) => todo.id !== id)) }
    }),
  },
  optimistic: {
    'todo:create': overlay(todosQuery, (old, input, { writeId }) => {
      expectTypeOf(old).toEqualTypeOf<Todo[]>()
      expectTypeOf(input).toEqualTypeOf<{ id: string; text: string }>()
      expectTypeOf(writeId).toEqualTypeOf<string>()
      return [...old, input]
    }),
  },
})

// A bare key knows nothing of its data.
syncQueries(queryClient, channel, {
  on: {
    'todo:created': invalidate(['todos']),
    'todo:updated': patch({ queryKey: ['todo'], exact: false }, (old: Todo, todo) =>
      old.id === todo.id ? todo : old,
    ),
    'todo:deleted': patch(['todos'], (old) => {
      expectTypeOf(old).toEqualTypeOf<unknown>()
      return old
    }),
  },
})

syncQueries(queryClient, channel, {
  // @ts-expect-error: no such event
  on: { 'todo:craeted': invalidate(todosQuery) },
})
syncQueries(queryClient, channel, {
  // @ts-expect-error: no such mutation
  optimistic: { 'todo:craete': overlay(todosQuery, (old) => old) },
})
syncQueries(queryClient, channel, {
  // @ts-expect-error: not the query's data
  on: { 'todo:created': patch(todosQuery, (_old, _todo) => 'text') },
})
syncQueries(queryClient, channel, {
  // @ts-expect-error: not the event's data
  on: { 'todo:deleted': patch(todosQuery, (old, todo: Todo) => [...old, todo]) },
})

const create = useMutation(channelMutation(channel, 'todo:create', { key: (todo) => todo.id }))
expectTypeOf(create.data).toEqualTypeOf<Todo | undefined>()
expectTypeOf(create.error).toEqualTypeOf<SynclineError | null>()
expectTypeOf(create.mutate).parameter(0).toEqualTypeOf<{ id: string; text: string }>()
const queued = useMutation(channelMutation(channel, 'todo:create', { until: 'queued' }))
expectTypeOf(queued.data).toEqualTypeOf<Receipt<Todo> | undefined>()
// @ts-expect-error: no such mutation
channelMutation(channel, 'todo:craete')
