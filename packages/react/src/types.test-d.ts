import type { ConnectionStatus, Message, Receipt, View } from '@syncline/core'
import { expectTypeOf } from 'vitest'
import { board, type createFakeClient, type Todo, todos } from '../test/fakes/fake-client.ts'
import {
  useChannel,
  useChannelEvent,
  useChannelState,
  useMessages,
  useMutate,
  useReceipt,
  useSyncState,
  useView,
} from './index.ts'

const channel = useChannel(todos)
useChannel(board, { id: 42 })
// @ts-expect-error: the name asks for an id
useChannel(board)
// @ts-expect-error: the name asks for an id
useChannel(board, { name: 'a' })
// @ts-expect-error: the name has no parameters
useChannel(todos, { id: 42 })

useChannelEvent(channel, 'todo:created', (todo, message) => {
  expectTypeOf(todo).toEqualTypeOf<Todo>()
  expectTypeOf(message).toEqualTypeOf<Message<'todo:created', Todo>>()
})
// @ts-expect-error: no such event
useChannelEvent(channel, 'todo:craeted', () => {})

expectTypeOf(useMessages(channel, 'todo:deleted')).toEqualTypeOf<readonly Message<'todo:deleted', string>[]>()

const create = useMutate(channel, 'todo:create')
expectTypeOf(create).parameter(0).toEqualTypeOf<{ id: string; text: string }>()
expectTypeOf(create).returns.toEqualTypeOf<Receipt<Todo>>()
// @ts-expect-error: no such mutation
useMutate(channel, 'todo:craete')
useReceipt(create({ id: 'a', text: 'a' }))

declare const list: View<readonly Todo[]>
expectTypeOf(useView(list)).toEqualTypeOf<readonly Todo[] | undefined>()
expectTypeOf(useView(list, (items = []) => items.length)).toEqualTypeOf<number>()
expectTypeOf(useChannelState(channel, ({ pending }) => pending)).toEqualTypeOf<number>()

declare const fake: ReturnType<typeof createFakeClient>
expectTypeOf(useSyncState(fake.client.status$, undefined)).toEqualTypeOf<ConnectionStatus | undefined>()
