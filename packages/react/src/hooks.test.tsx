// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import {
  board,
  createFakeClient,
  createFakeReceipt,
  createFakeView,
  reconnecting,
  type Todo,
  todos,
} from '../test/fakes/fake-client.ts'
import { renderHookWith } from '../test/fakes/render-with.tsx'
import { useChannel } from './use-channel.ts'
import { useChannelEvent } from './use-channel-event.ts'
import { useChannelState } from './use-channel-state.ts'
import { useClient } from './use-client.ts'
import { useConnection } from './use-connection.ts'
import { useMessages } from './use-messages.ts'
import { useMutate } from './use-mutate.ts'
import { useOutbox } from './use-outbox.ts'
import { useReceipt } from './use-receipt.ts'
import { useView } from './use-view.ts'

afterEach(cleanup)

const todo = (text: string): Todo => ({ id: text, text, done: false })

test('without a provider a hook says what is missing', () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {})
  expect(() => renderHook(() => useClient())).toThrow('SynclineProvider')
  error.mockRestore()
})

test('useConnection follows the status', () => {
  const { client, status$ } = createFakeClient()
  const { result } = renderHookWith(client, () => useConnection())
  expect(result.current).toEqual({ at: 'idle' })
  act(() => status$.set(reconnecting))
  expect(result.current).toBe(reconnecting)
})

test('useChannel joins while mounted and gives the same handle', () => {
  const { client, channel } = createFakeClient()
  const { result, rerender, unmount } = renderHookWith(client, () => useChannel(board, { id: 42 }))
  const handle = result.current
  expect(handle).toBe(channel('board/42').handle)
  expect(channel('board/42').isJoined()).toBe(true)
  rerender()
  expect(result.current).toBe(handle)
  unmount()
  expect(channel('board/42').isJoined()).toBe(false)
})

test('useChannel moves to another channel with its parameters', () => {
  const { client, channel } = createFakeClient()
  const { rerender } = renderHookWith(client, (id: number) => useChannel(board, { id }), 1 as number)
  rerender(2)
  expect(channel('board/1').isJoined()).toBe(false)
  expect(channel('board/2').isJoined()).toBe(true)
})

test('useChannelState renders again only when what is selected changes', () => {
  const { client, channel } = createFakeClient()
  let renders = 0
  const { result } = renderHookWith(client, () => {
    renders++
    return useChannelState(useChannel(todos), ({ phase }) => phase)
  })
  act(() => channel('todos').move({ phase: 'live' }))
  expect(result.current).toBe('live')
  const before = renders
  act(() => channel('todos').move({ position: { epoch: 'a', seq: 1, id: 'm1' } }))
  expect(renders).toBe(before)
})

test('useView gives the state, and what an inline selector makes of it', () => {
  const { client } = createFakeClient()
  const { view, set } = createFakeView<readonly Todo[]>(undefined)
  const whole = renderHookWith(client, () => useView(view))
  const texts = renderHookWith(client, () => useView(view, (list = []) => list.length))
  expect([whole.result.current, texts.result.current]).toEqual([undefined, 0])
  const list = [todo('a')]
  act(() => set(list))
  expect(whole.result.current).toBe(list)
  expect(texts.result.current).toBe(1)
})

test('useView renders again only when the selection is not equal', () => {
  const { client } = createFakeClient()
  const { view, set } = createFakeView<readonly Todo[]>([todo('a')])
  let renders = 0
  const { result } = renderHookWith(client, () => {
    renders++
    return useView(
      view,
      (list = []) => list.map(({ id }) => id),
      (a, b) => a.join() === b.join(),
    )
  })
  const [before, selected] = [renders, result.current]
  act(() => set([{ ...todo('a'), done: true }]))
  expect(renders).toBe(before)
  expect(result.current).toBe(selected)
  act(() => set([todo('b')]))
  expect(result.current).toEqual(['b'])
})

test('useView follows a selector that changes with the props', () => {
  const { client } = createFakeClient()
  const { view } = createFakeView<readonly Todo[]>([todo('a'), todo('b')])
  const { result, rerender } = renderHookWith(
    client,
    (at: number) => useView(view, (list = []) => list[at]?.text),
    0 as number,
  )
  rerender(1)
  expect(result.current).toBe('b')
})

test('useView moves to another view', () => {
  const { client } = createFakeClient()
  const views = [createFakeView('one'), createFakeView('two')]
  const { result, rerender } = renderHookWith(client, (at: number) => useView(views[at]!.view), 0 as number)
  rerender(1)
  expect(result.current).toBe('two')
  expect(views.map(({ isObserved }) => isObserved())).toEqual([false, true])
})

test('useChannelEvent calls the handler of the last render without subscribing again', () => {
  const { client, channel } = createFakeClient()
  const { on, emit, handle } = channel('todos')
  const calls: string[] = []
  const { rerender, unmount } = renderHookWith(
    client,
    (name: string) => useChannelEvent(handle, 'todo:created', ({ text }) => calls.push(`${name} ${text}`)),
    'first' as string,
  )
  const subscriptions = on.mock.calls.length
  emit('todo:created', todo('a'))
  rerender('second')
  emit('todo:created', todo('b'))
  emit('todo:deleted', 'a')
  expect(calls).toEqual(['first a', 'second b'])
  expect(on.mock.calls.length).toBe(subscriptions)
  unmount()
  emit('todo:created', todo('c'))
  expect(calls).toHaveLength(2)
})

test('useMessages holds the newest, oldest first, and tells of a burst once', async () => {
  const { client, channel } = createFakeClient()
  const { emit, handle } = channel('todos')
  let renders = 0
  const { result } = renderHookWith(client, () => {
    renders++
    return useMessages(handle, 'todo:created', { limit: 2 })
  })
  const before = renders
  await act(async () => {
    for (const text of 'abcdefgh') emit('todo:created', todo(text))
    emit('todo:deleted', 'a')
  })
  expect(result.current.map(({ data }) => data.text)).toEqual(['g', 'h'])
  expect(new Set(result.current.map(({ id }) => id)).size).toBe(2)
  // StrictMode renders twice.
  expect(renders - before).toBe(2)
  await act(async () => emit('todo:created', todo('i')))
  expect(result.current.map(({ data }) => data.text)).toEqual(['h', 'i'])
})

test('useMessages starts over on another channel', async () => {
  const { client, channel } = createFakeClient()
  const { result, rerender } = renderHookWith(
    client,
    (name: string) => useMessages(channel(name).handle, 'todo:created'),
    'one' as string,
  )
  await act(async () => channel('one').emit('todo:created', todo('a')))
  rerender('two')
  expect(result.current).toEqual([])
  await act(async () => channel('one').emit('todo:created', todo('b')))
  expect(result.current).toEqual([])
})

test('useMutate gives one function that returns the receipt', () => {
  const { client, channel } = createFakeClient()
  const { result, rerender } = renderHookWith(client, () => useMutate(channel('todos').handle, 'todo:create'))
  const create = result.current
  rerender()
  expect(result.current).toBe(create)
  const receipt = create({ id: 'a', text: 'a' }, { key: 'a' })
  expect(channel('todos').mutate).toHaveBeenCalledWith('todo:create', { id: 'a', text: 'a' }, { key: 'a' })
  expect(receipt.id).toBe('write-1')
})

test('useReceipt follows a receipt, and none', () => {
  const { client } = createFakeClient()
  const receipt = createFakeReceipt('todo:create', {})
  const { result, rerender } = renderHookWith(client, ({ of }: { of?: typeof receipt }) => useReceipt(of), {})
  expect(result.current).toBeUndefined()
  rerender({ of: receipt })
  expect(result.current).toEqual({ at: 'saving' })
  act(() => receipt.status$.set({ at: 'sent' }))
  expect(result.current).toEqual({ at: 'sent' })
})

test('useOutbox lists what waits and what is parked, with stable actions', () => {
  const { client, outbox, loaded$, pending$ } = createFakeClient()
  const { result } = renderHookWith(client, () => useOutbox())
  const { retry, discard } = result.current
  expect(result.current).toMatchObject({ loaded: false, pending: [], parked: [] })
  const receipt = createFakeReceipt('todo:create', {})
  act(() => {
    loaded$.set(true)
    pending$.set([receipt])
  })
  expect(result.current).toMatchObject({ loaded: true, pending: [receipt], retry, discard })
  void retry('write-1', { input: 1 })
  void discard('write-2')
  expect(outbox.retry).toHaveBeenCalledWith('write-1', { input: 1 })
  expect(outbox.discard).toHaveBeenCalledWith('write-2')
})
