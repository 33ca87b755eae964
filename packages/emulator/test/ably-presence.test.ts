import { describe, expect, test } from 'vitest'
import {
  codeOf,
  collectPresence,
  connected,
  cutOff,
  manual,
  next,
  realtime,
  rest,
  startAbly,
} from './ably-sdk.ts'
import { stopClock } from './stop-clock.ts'

const events = (items: readonly { action: string; clientId: string; data?: unknown }[]) =>
  items.map(({ action, clientId, data }) => [action, clientId, data])

describe.each([
  { format: 'json', useBinaryProtocol: false },
  { format: 'msgpack', useBinaryProtocol: true },
])('presence in $format', ({ useBinaryProtocol }) => {
  test('tells of entering, updating and leaving as three things', async () => {
    const emulator = await startAbly()
    const seen = await collectPresence(realtime(emulator, { useBinaryProtocol }).channels.get('room'))
    const { presence } = realtime(emulator, { useBinaryProtocol, clientId: 'ada' }).channels.get('room')
    await presence.enter({ typing: false })
    await presence.update({ typing: true })
    await presence.enter({ typing: false })
    await presence.leave({ bye: true })
    await presence.leave()
    await presence.update('back')
    expect(events(await seen.until(5))).toEqual([
      ['enter', 'ada', { typing: false }],
      ['update', 'ada', { typing: true }],
      ['update', 'ada', { typing: false }],
      ['leave', 'ada', { bye: true }],
      ['enter', 'ada', 'back'],
    ])
  })

  test('syncs many members in pages, and REST pages through them', async () => {
    const emulator = await startAbly({ limits: { connectionRate: Number.POSITIVE_INFINITY } })
    const many = realtime(emulator, { useBinaryProtocol }).channels.get('room')
    await many.attach()
    const ids = Array.from({ length: 150 }, (_, index) => `member-${String(index).padStart(3, '0')}`)
    await Promise.all(ids.map((id) => many.presence.enterClient(id, { id })))
    const members = await realtime(emulator, { useBinaryProtocol }).channels.get('room').presence.get()
    expect(members.map(({ clientId }) => clientId).sort()).toEqual(ids)
    expect(members[0]).toMatchObject({ action: 'present', data: { id: members[0]?.clientId } })
    const backend = rest(emulator, { useBinaryProtocol }).channels.get('room').presence
    const first = await backend.get({ limit: 100 })
    const second = await first.next()
    expect([...first.items, ...second!.items].map(({ clientId }) => clientId)).toEqual(ids)
    expect(second?.hasNext()).toBe(false)
    expect((await backend.get({ clientId: 'member-007' })).items).toHaveLength(1)
    const history = await backend.history({ direction: 'forwards', limit: 1 })
    expect(history.items[0]).toMatchObject({ action: 'enter', clientId: 'member-000' })
  })
})

test('an empty room has nobody, without waiting', async () => {
  const emulator = await startAbly()
  expect(await realtime(emulator).channels.get('room').presence.get()).toEqual([])
})

test('a dropped connection leaves after the grace, and not when it comes back', async () => {
  const clock = stopClock()
  const grace = 15_000
  const emulator = await startAbly({ limits: { presenceGrace: grace } })
  const seen = await collectPresence(realtime(emulator).channels.get('room'))
  const ada = realtime(emulator, { ...manual, clientId: 'ada' })
  const { presence } = ada.channels.get('room')
  await presence.enter('here')
  const back = next(ada.channels.get('room'), 'attached')
  emulator.faults.drop(ada.connection.id)
  expect((await back).resumed).toBe(true)
  clock.pass(grace)
  await presence.update('still here')
  expect(events(await seen.until(2))).toEqual([
    ['enter', 'ada', 'here'],
    ['update', 'ada', 'still here'],
  ])
  const backend = rest(emulator).channels.get('room').presence
  // What the SDK sends again by itself is no event, in history neither.
  expect((await backend.history()).items.map(({ action }) => action)).toEqual(['update', 'enter'])
  await cutOff(emulator, ada)
  clock.pass(grace - 1)
  expect((await backend.get()).items).toHaveLength(1)
  clock.pass(1)
  expect(events(await seen.until(3)).at(-1)).toEqual(['leave', 'ada', 'still here'])
})

test('closing, detaching and the end of a connection leave at once', async () => {
  const emulator = await startAbly()
  const watcher = realtime(emulator).channels.get('room')
  const seen = await collectPresence(watcher)
  const ada = realtime(emulator, { clientId: 'ada' })
  await ada.channels.get('room').presence.enter()
  ada.close()
  await seen.until(2)
  const bob = realtime(emulator, { clientId: 'bob' })
  await bob.channels.get('room').presence.enter()
  await bob.channels.get('room').detach()
  expect(events(await seen.until(4)).map(([action, id]) => `${action} ${id}`)).toEqual([
    'enter ada',
    'leave ada',
    'enter bob',
    'leave bob',
  ])
  expect(await watcher.presence.get()).toEqual([])
})

test('who has no name, another name or no leave to enter, does not', async () => {
  const emulator = await startAbly({ limits: { presenceMembers: 1 } })
  const ada = realtime(emulator, { clientId: 'ada' })
  await ada.channels.get('room').presence.enter()
  expect(await codeOf(ada.channels.get('room').presence.enterClient('bob'))).toBe(40012)
  const wild = realtime(emulator)
  await connected(wild)
  expect(await codeOf(wild.channels.get('room').presence.enterClient('bob'))).toBe(91003)
  const tokens = rest(emulator).auth
  const anonymous = realtime(emulator, { tokenDetails: await tokens.requestToken() })
  const room = anonymous.channels.get('other')
  await room.attach()
  const entering = (room as unknown as { sendPresence(items: object[]): Promise<void> }).sendPresence([
    { action: 2 },
  ])
  expect(await codeOf(entering)).toBe(91000)
  const reader = realtime(emulator, {
    tokenDetails: await tokens.requestToken({ clientId: 'eve', capability: { room: ['subscribe'] } }),
  })
  expect(await codeOf(reader.channels.get('room').presence.enter())).toBe(40160)
})
