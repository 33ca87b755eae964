import { describe, expect, test } from 'vitest'
import { codeOf, collect, realtime, rest, startAbly } from './ably-sdk.ts'
import { stopClock } from './stop-clock.ts'

describe.each([
  { format: 'json', useBinaryProtocol: false },
  { format: 'msgpack', useBinaryProtocol: true },
])('history in $format', ({ useBinaryProtocol }) => {
  test('pages in both directions, newest first', async () => {
    const emulator = await startAbly()
    const channel = rest(emulator, { useBinaryProtocol }).channels.get('a,b "c"/ü:d')
    for (let index = 0; index < 7; index += 1) await channel.publish(`m${index}`, { index })
    const names = async (direction: 'forwards' | 'backwards') => {
      const all: string[][] = []
      let page = (await channel.history({ limit: 3, direction })) as Awaited<
        ReturnType<typeof channel.history>
      > | null
      for (; page; page = await page.next()) all.push(page.items.map(({ name }) => name!))
      return all
    }
    expect(await names('backwards')).toEqual([['m6', 'm5', 'm4'], ['m3', 'm2', 'm1'], ['m0']])
    expect(await names('forwards')).toEqual([['m0', 'm1', 'm2'], ['m3', 'm4', 'm5'], ['m6']])
    const second = await (await channel.history({ limit: 3 })).next()
    expect((await second!.first()).items[0]?.name).toBe('m6')
    expect((await second!.current()).items[0]?.name).toBe('m3')
    expect(second!.items[0]).toMatchObject({ data: { index: 3 }, action: 'message.create' })
    expect(second!.isLast()).toBe(false)
  })
})

test('untilAttach ends where the live messages begin', async () => {
  const emulator = await startAbly()
  const backend = rest(emulator).channels.get('todos')
  await backend.publish('before', null)
  const channel = realtime(emulator).channels.get('todos')
  const received = await collect(channel)
  await backend.publish('after', null)
  await received.until(1)
  expect((await channel.history({ untilAttach: true })).items.map(({ name }) => name)).toEqual(['before'])
  expect((await channel.history()).items.map(({ name }) => name)).toEqual(['after', 'before'])
})

test('keeps what its limits say and no more', async () => {
  const clock = stopClock()
  const emulator = await startAbly({ limits: { retainedMessages: 2, retention: 60_000 } })
  const channel = rest(emulator).channels.get('todos')
  const names = async () => (await channel.history()).items.map(({ name }) => name)
  for (const name of ['a', 'b', 'c']) await channel.publish(name, null)
  expect(await names()).toEqual(['c', 'b'])
  clock.pass(59_999)
  expect(await names()).toEqual(['c', 'b'])
  clock.pass(1)
  expect(await names()).toEqual([])
})

test('asks for permission and sensible parameters', async () => {
  const emulator = await startAbly()
  const tokenDetails = await rest(emulator).auth.requestToken({ capability: { todos: ['publish'] } })
  const reader = rest(emulator, { tokenDetails }).channels.get('todos')
  expect(await codeOf(reader.history())).toBe(40160)
  const channel = rest(emulator).channels.get('todos')
  expect(await codeOf(channel.history({ limit: 1001 }))).toBe(40003)
  expect(await codeOf(channel.history({ start: 2, end: 1 }))).toBe(40003)
  expect(await codeOf(channel.history({ direction: 'sideways' as 'forwards' }))).toBe(40003)
})
