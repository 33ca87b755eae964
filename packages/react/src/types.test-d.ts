import type { ChannelHandle, ConnectionStatus, Message, Receipt, View } from '@syncline/core'
import { expectTypeOf } from 'vitest'
import { board, type createFakeClient, type Todo, todos } from '../test/fakes/fake-client.ts'
import type { room } from '../test/fakes/fake-room.ts'
import {
  useChannel,
  useChannelEvent,
  useChannelState,
  useCursors,
  useMessages,
  useMutate,
  usePresence,
  useReceipt,
  useSyncState,
  useTyping,
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

declare const here: ChannelHandle<typeof room>
expectTypeOf(usePresence(here).people[0]!.state).toEqualTypeOf<{ readonly name: string }>()
usePresence(here, { name: 'Ada' })
// @ts-expect-error: a name is asked for
usePresence(here, {})
// @ts-expect-error: the contract has no presence
usePresence(channel, { name: 'Ada' })
// @ts-expect-error: nor can one observe it
usePresence(channel)
// @ts-expect-error: the contract has no presence
useTyping(channel)
// @ts-expect-error: the contract has no presence
useCursors(channel)
expectTypeOf(useTyping(here).people[0]!.state.name).toEqualTypeOf<string>()
expectTypeOf(useCursors(here).cursors[0]!.cursor).toEqualTypeOf<{ readonly x: number }>()
useCursors(here).move(null)
// @ts-expect-error: x is a number
useCursors(here).move({ x: '1' })
