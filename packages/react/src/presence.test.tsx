// @vitest-environment happy-dom
import { act, cleanup } from '@testing-library/react'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test, vi } from 'vitest'
import { createFakeRoom, member } from '../test/fakes/fake-room.ts'
import { renderHookWith } from '../test/fakes/render-with.tsx'
import { useCursors } from './use-cursors.ts'
import { usePresence } from './use-presence.ts'
import { useTyping } from './use-typing.ts'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

const settle = ({ time }: ReturnType<typeof createFakeRoom>, ms = 0) => act(() => time.advance(ms))

test('usePresence observes without a state', async () => {
  const room = createFakeRoom()
  const { result, unmount } = renderHookWith(room.client, () => usePresence(room.channel))
  expect(result.current).toMatchObject({ members: [], people: [], self: { at: 'outside' } })
  await settle(room)
  act(() => room.members(member('x'), member('y', { person: 'x' })))
  expect(result.current.members.map(({ id }) => id)).toEqual(['x', 'y'])
  expect(result.current.people.map(({ person }) => person)).toEqual(['x'])
  expect(result.current.status).toBe('live')
  unmount()
  await settle(room, 20_000)
  expect(room.types()).toEqual(['watch', 'unwatch'])
})

test('usePresence enters once in StrictMode, updates by what its state says, and exits with its component', async () => {
  const room = createFakeRoom()
  const { result, rerender, unmount } = renderHookWith(
    room.client,
    (name: string) => usePresence(room.channel, { name }),
    'Ada' as string,
  )
  await settle(room)
  act(() => room.entered('me'))
  expect(result.current.self).toMatchObject({ at: 'inside', id: 'me' })
  rerender('Ada')
  await settle(room, 100)
  expect(room.types()).toEqual(['enter', 'watch'])
  rerender('Countess')
  await settle(room, 100)
  expect(room.sent.at(-1)).toEqual({ type: 'update', channel: 'room', state: { name: 'Countess' } })
  unmount()
  await settle(room)
  expect(room.types()).toEqual(['enter', 'watch', 'update', 'exit', 'heads'])
})

test('usePresence enters and exits as its state comes and goes', async () => {
  const room = createFakeRoom()
  const { rerender } = renderHookWith(
    room.client,
    (state: { name: string } | undefined) => usePresence(room.channel, state),
    { name: 'Ada' } as { name: string } | undefined,
  )
  await settle(room)
  rerender(undefined)
  await settle(room)
  rerender({ name: 'Ada' })
  await settle(room)
  expect(room.types()).toEqual(['enter', 'watch', 'exit', 'heads', 'enter'])
})

test('usePresence does not ask again and again when it is refused', async () => {
  const room = createFakeRoom()
  const { result } = renderHookWith(room.client, () => usePresence(room.channel, { name: 'Ada' }))
  await settle(room)
  act(() => room.exited('too-large'))
  await settle(room, 5_000)
  expect(result.current.self).toMatchObject({ at: 'refused', error: { code: 'too-large' } })
  expect(room.types()).toEqual(['enter', 'watch'])
})

test('usePresence keeps its result while only cursors move', async () => {
  const room = createFakeRoom()
  let renders = 0
  const { result } = renderHookWith(room.client, () => {
    renders++
    return usePresence(room.channel)
  })
  await settle(room)
  act(() => room.members(member('x')))
  const [before, shown] = [renders, result.current]
  act(() => room.changes(['update', 'x', { cursor: { x: 1 } }]))
  expect(renders).toBe(before)
  expect(result.current).toBe(shown)
})

test('useTyping shows who else types, and says that one does', async () => {
  const room = createFakeRoom()
  const { result } = renderHookWith(room.client, () => {
    usePresence(room.channel, { name: 'Ada' })
    return useTyping(room.channel)
  })
  await settle(room)
  act(() => {
    room.entered('me')
    room.members(member('me', { typing: true }), member('x'))
  })
  expect(result.current.people).toEqual([])
  act(() => room.changes(['update', 'x', { typing: true }]))
  expect(result.current.people.map(({ state }) => state.name)).toEqual(['x'])
  result.current.typing()
  await settle(room, 100)
  result.current.stop()
  await settle(room, 100)
  expect(room.sent.slice(-2)).toMatchObject([{ typing: true }, { typing: false }])
})

test('useCursors draws the cursors of others frame by frame, and shares its own', async () => {
  const frames: ((now: number) => void)[] = []
  vi.stubGlobal('requestAnimationFrame', (draw: (now: number) => void) => frames.push(draw))
  vi.stubGlobal('cancelAnimationFrame', (handle: number) => frames.splice(handle - 1, 1))
  const draw = (now: number) =>
    act(() => {
      for (const next of frames.splice(0)) next(now)
    })
  const room = createFakeRoom()
  const { result, unmount } = renderHookWith(room.client, () => {
    usePresence(room.channel, { name: 'Ada' })
    return useCursors(room.channel)
  })
  const drawn = () => result.current.cursors.map(({ cursor }) => cursor.x)
  await settle(room)
  act(() => {
    room.entered('me')
    room.members(member('me', { cursor: { x: 9 } }), member('x', { cursor: { x: 0 } }))
  })
  draw(0)
  expect(drawn()).toEqual([0])
  act(() => room.changes(['update', 'x', { cursor: { x: 100 } }]))
  draw(100)
  draw(150)
  expect(drawn()).toEqual([50])
  draw(200)
  expect(drawn()).toEqual([100])
  expect(frames).toHaveLength(0)
  result.current.move({ x: 7 })
  await settle(room, 100)
  expect(room.sent.at(-1)).toMatchObject({ type: 'update', cursor: { x: 7 } })
  act(() => room.changes(['update', 'x', { cursor: { x: 0 } }]))
  unmount()
  expect(frames).toHaveLength(0)
})

test('the server shows nobody and uses nothing of the client', async () => {
  const room = createFakeRoom()
  const App = () => {
    const { people, self, status } = usePresence(room.channel, { name: 'Ada' })
    const { cursors } = useCursors(room.channel)
    return (
      <p>
        {[people.length, self.at, status, useTyping(room.channel).people.length, cursors.length].join(' ')}
      </p>
    )
  }
  expect(renderToString(<App />)).toBe('<p>0 outside idle 0 0</p>')
  await room.time.settle()
  expect(room.sent).toEqual([])
  expect(room.time.timers).toBe(0)
})
