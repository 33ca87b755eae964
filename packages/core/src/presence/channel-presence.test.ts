import { describe, expect, it } from 'vitest'
import { createScriptedTransport } from '../../test/scripted-transport.ts'
import { createClient } from '../client/create-client.ts'
import type { AnyContract } from '../contract/channel-contract.ts'
import { defineChannel } from '../contract/define-channel.ts'
import { channelPresence } from './channel-presence.ts'
import { member, ScriptedPresence } from './testing/scripted-presence.ts'

const observing = async (...members: readonly unknown[]) => {
  const room = new ScriptedPresence()
  room.watch()
  await room.connect()
  room.members(['a', 10], ...members)
  return room
}

describe('a presence', () => {
  it('is the same for the same handle, and inert', async () => {
    const room = new ScriptedPresence()
    expect(channelPresence(room.channel)).toBe(room.presence)
    room.presence.update({ name: 'x' })
    room.presence.typing()
    room.presence.moveCursor({ x: 1, y: 1 })
    room.presence.exit()
    await room.settle()
    expect(room.scripted.attempts).toHaveLength(0)
    expect(room.time.timers).toBe(0)
  })

  it('is not there where the contract has none', () => {
    const client = createClient({ transport: createScriptedTransport().transport })
    const log = client.channel(defineChannel('log', { events: {} }))
    // @ts-expect-error Types of property 'presence' are incompatible
    expect(() => channelPresence(log)).toThrow(
      'unknown-event: Channel "log" has no presence: give its contract a `presence` schema.',
    )
    const contract: AnyContract = log.contract
    expect(() => channelPresence({ ...log, contract })).toThrow('unknown-event')
    expect(() => channelPresence({ name: 'log', contract })).toThrow('internal')
  })
})

describe('observing', () => {
  it('joins, asks for the members once joined, and never enters', async () => {
    const room = new ScriptedPresence()
    const stop = room.watch()
    expect(room.presence.status$.get()).toBe('loading')
    await room.connect()
    expect(room.sent.map(({ type }) => type)).toEqual(['join', 'watch'])
    room.members(['a', 3], member('x', { typing: true }), member('y', { since: 0 }))
    expect(room.presence.status$.get()).toBe('live')
    const shown = { status: 'active', self: false }
    expect(room.presence.members$.get()).toEqual([
      { ...shown, id: 'y', person: 'person of y', since: 0, state: { name: 'y' }, typing: false },
      { ...shown, id: 'x', person: 'person of x', since: 1, state: { name: 'x' }, typing: true },
    ])
    expect(room.presence.self$.get().at).toBe('outside')
    stop()
    await room.time.advance(10_000)
    expect(room.sent.map(({ type }) => type)).toEqual(['join', 'watch', 'unwatch', 'leave'])
    expect(room.presence.status$.get()).toBe('idle')
    expect(room.ids).toEqual([])
  })

  it('asks at once on a channel that is joined already', async () => {
    const room = new ScriptedPresence()
    room.channel.messages$.subscribe()
    await room.connect()
    room.watch()
    await room.settle()
    expect(room.sent.map(({ type }) => type)).toEqual(['join', 'watch'])
  })

  it('goes on for who comes soon after', async () => {
    const room = new ScriptedPresence()
    room.watch()()
    room.presence.cursors$.subscribe()
    await room.connect()
    await room.time.advance(5_000)
    expect(room.of('watch')).toHaveLength(1)
    expect(room.of('unwatch')).toHaveLength(0)
  })

  it('follows changes, each once', async () => {
    const room = await observing(member('x'))
    const lists: string[] = []
    room.presence.members$.subscribe((members) => lists.push(members.map(({ id }) => id).join()))
    const enter = ['enter', member('y', { since: 2 })] as const
    room.changes(10, ['a', 12], enter, ['update', 'x', { state: { name: 'X' }, status: 'away' }])
    expect(room.presence.members$.get()[0]).toMatchObject({ state: { name: 'X' }, status: 'away' })
    room.changes(10, ['a', 12], enter, ['leave', 'x'])
    room.changes(12, ['a', 13], ['leave', 'x'], ['leave', 'nobody'], ['update', 'nobody', { typing: true }])
    expect(lists).toEqual(['x', 'x,y', 'y'])
    await room.time.advance(20_000)
    expect(room.of('watch')).toHaveLength(1)
  })

  it('keeps the object of a member, and of a person, that has not changed', async () => {
    const room = await observing(member('x'), member('y'))
    room.presence.people$.subscribe()
    const [x, y] = room.presence.members$.get()
    const [px, py] = room.presence.people$.get()
    room.changes(10, ['a', 11], ['update', 'y', { status: 'idle' }])
    room.changes(11, ['a', 12], ['enter', member('x')])
    expect(room.presence.members$.get()[0]).toBe(x)
    expect(room.presence.members$.get()[1]).not.toBe(y)
    expect(room.presence.people$.get()[0]).toBe(px)
    expect(room.presence.people$.get()[1]).not.toBe(py)
  })

  it('is stale while offline, and then asks anew', async () => {
    const room = await observing(member('x'))
    await room.cut()
    expect([room.presence.status$.get(), room.ids]).toEqual(['stale', ['x']])
    await room.reconnect()
    expect(room.presence.status$.get()).toBe('stale')
    room.members(['a', 20], member('y'))
    expect([room.presence.status$.get(), room.ids]).toEqual(['live', ['y']])
  })

  it('is without what was of the moment soon after the connection is lost', async () => {
    const room = await observing(member('x', { typing: true, cursor: { x: 1, y: 1 } }), member('y'))
    const { typing$, cursors$ } = room.presence
    const lists: unknown[] = []
    typing$.subscribe((people) => lists.push(people.length))
    cursors$.subscribe((cursors) => lists.push(cursors.length))
    await room.cut()
    await room.time.advance(4_999)
    // A cut that is over soon is not seen.
    expect(lists).toEqual([1, 1])
    await room.time.advance(1)
    expect([room.presence.status$.get(), room.ids]).toEqual(['stale', ['x', 'y']])
    expect([typing$.get(), cursors$.get()]).toEqual([[], []])
    expect(room.presence.members$.get()[0]?.typing).toBe(false)
    await room.reconnect(25_000)
    room.members(['a', 20], member('x', { cursor: { x: 1, y: 1 } }))
    expect(cursors$.get()).toMatchObject([{ cursor: { x: 1, y: 1 } }])
    await room.time.advance(20_000)
    expect(cursors$.get()).toHaveLength(1)
  })

  it('keeps the cursors over a cut that is over soon', async () => {
    const room = await observing(member('x', { cursor: { x: 1, y: 1 } }))
    let lists = 0
    room.presence.cursors$.subscribe(() => lists++)
    await room.cut()
    await room.reconnect(2_000)
    room.members(['a', 20], member('x', { cursor: { x: 1, y: 1 } }))
    await room.time.advance(20_000)
    expect(room.presence.cursors$.get()).toHaveLength(1)
  })

  it('forgets what it saw when access is taken away', async () => {
    const room = await observing(member('x'))
    room.hub.frames({ type: 'refused', channel: 'room', error: { code: 'revoked' } })
    expect([room.presence.status$.get(), room.ids]).toEqual(['loading', []])
    room.changes(10, ['a', 11], ['enter', member('y')])
    expect(room.ids).toEqual([])
  })

  it('asks again when no answer comes', async () => {
    const room = new ScriptedPresence()
    room.watch()
    await room.connect()
    await room.time.advance(9_999)
    expect(room.of('watch')).toHaveLength(1)
    await room.time.advance(1_000)
    expect(room.of('watch')).toHaveLength(2)
  })
})

describe('what was missed', () => {
  it('is noticed by the next change, which is shown nevertheless, and mended by one new list', async () => {
    const room = await observing(member('x'))
    room.changes(12, ['a', 13], ['enter', member('y')])
    room.changes(15, ['a', 16], ['enter', member('z')])
    expect([room.presence.status$.get(), room.ids]).toEqual(['stale', ['x', 'y', 'z']])
    await room.time.advance(1_000)
    expect(room.of('watch')).toHaveLength(2)
    room.members(['a', 16], member('y'))
    expect([room.presence.status$.get(), room.ids]).toEqual(['live', ['y']])
    await room.time.advance(20_000)
    expect(room.of('watch')).toHaveLength(2)
  })

  it('is noticed by a head that stays ahead, with some patience', async () => {
    const room = await observing(member('x'))
    room.heads(['a', 11])
    await room.time.advance(900)
    room.changes(10, ['a', 11], ['enter', member('y')])
    await room.time.advance(5_000)
    expect(room.of('watch')).toHaveLength(1)
    room.heads(['a', 12])
    room.heads(null)
    room.heads()
    await room.time.advance(999)
    expect(room.presence.status$.get()).toBe('live')
    await room.time.advance(1_001)
    expect(room.of('watch')).toHaveLength(2)
  })

  it('is not what comes before the list that it belongs to', async () => {
    const room = new ScriptedPresence()
    room.watch()
    await room.connect()
    room.changes(9, ['a', 10], ['enter', member('old')])
    room.changes(10, ['a', 12], ['enter', member('y')])
    expect(room.ids).toEqual([])
    room.members(['a', 10], member('x'))
    expect([room.presence.status$.get(), room.ids]).toEqual(['live', ['x', 'y']])
  })

  it('is mended by a whole list that comes unasked, as who was slow gets it', async () => {
    const room = await observing(member('x'))
    room.members(['a', 30], member('y'))
    expect([room.presence.status$.get(), room.ids]).toEqual(['live', ['y']])
    // One that was overtaken by changes says nothing new.
    room.changes(30, ['a', 31], ['leave', 'y'])
    room.members(['a', 30], member('y'))
    expect([room.presence.status$.get(), room.ids]).toEqual(['live', []])
    await room.time.advance(20_000)
    expect(room.of('watch')).toHaveLength(1)
  })

  it('is not asked for faster and faster', async () => {
    const room = await observing()
    for (let n = 0; n < 100; n++) {
      room.hub.frames({ type: 'presence', channel: 'room', after: 'x', revision: 1, changes: [] })
      await room.time.advance(1_000)
      room.members(['a', 10])
    }
    expect(room.of('watch').length).toBeLessThan(15)
    expect(room.of('watch').length).toBeGreaterThan(4)
  })
})

describe('a hub that began anew', () => {
  it('is not seen while members come back within the grace', async () => {
    const room = await observing(member('x', { typing: true, cursor: { x: 1, y: 1 } }), member('y'))
    const lists: string[] = []
    room.presence.members$.subscribe((members) => lists.push(members.map(({ id }) => id).join()))
    room.presence.cursors$.subscribe()
    await room.cut()
    await room.reconnect()
    room.members(['b', 0])
    expect([room.presence.status$.get(), room.ids]).toEqual(['live', ['x', 'y']])
    expect(room.presence.members$.get()[0]?.typing).toBe(false)
    expect(room.presence.cursors$.get()).toEqual([])
    await room.time.advance(5_000)
    room.changes(0, ['b', 1], ['enter', member('x')])
    // Asked again meanwhile, the hub still knows of one only.
    room.changes(5, ['b', 6])
    await room.time.advance(1_000)
    room.members(['b', 6], member('x'))
    expect(room.ids).toEqual(['x', 'y'])
    await room.time.advance(4_000)
    expect(room.ids).toEqual(['x'])
    expect(new Set(lists)).toEqual(new Set(['x,y', 'x']))
  })

  it('shows nobody of before when one was away for longer than the grace', async () => {
    const room = await observing(member('x'))
    await room.cut()
    await room.reconnect(30_000)
    room.members(['b', 0])
    expect(room.ids).toEqual([])
  })

  it('is asked anew when a change tells of it', async () => {
    const room = await observing(member('x'))
    room.changes(0, ['b', 1], ['enter', member('y')])
    expect([room.presence.status$.get(), room.ids]).toEqual(['stale', ['x']])
    await room.time.advance(1_000)
    expect(room.of('watch')).toHaveLength(2)
  })
})

describe('what is not as it should be', () => {
  it('leaves out a member that fails the schema, and nobody else', async () => {
    const room = await observing(member('x'), member('y', { state: {} }))
    expect([room.ids, room.errors]).toEqual([['x'], ['schema-violation']])
    room.changes(10, ['a', 11], ['update', 'y', { state: 7 }])
    expect(room.errors).toHaveLength(1)
    room.changes(11, ['a', 12], ['update', 'y', { state: { name: 'Y' } }])
    expect(room.ids).toEqual(['x', 'y'])
    room.changes(12, ['a', 13], ['update', 'x', { state: null }])
    expect(room.ids).toEqual(['y'])
    expect(room.presence.status$.get()).toBe('live')
  })

  it('never puts an older state in the place of a newer that was parsed sooner', async () => {
    const room = await observing(member('x'), member('y', { state: { name: 'late', later: true } }))
    expect(room.ids).toEqual(['x'])
    room.changes(10, ['a', 11], ['update', 'x', { state: { name: 'slow', later: true } }])
    expect(room.presence.members$.get()[0]?.state).toEqual({ name: 'x' })
    room.changes(11, ['a', 12], ['update', 'x', { state: { name: 'quick' } }])
    await room.settle()
    expect(room.presence.members$.get().map(({ state }) => state.name)).toEqual(['quick', 'late'])
  })

  it.each([
    { type: 'members', channel: 'room', revision: ['a', 11], grace: 1, members: [{ id: 'x' }] },
    { type: 'members', channel: 'room', revision: ['a', 11], grace: 1, members: {} },
    { type: 'members', channel: 'room', revision: ['a'], grace: 1, members: [] },
    { type: 'presence', channel: 'room', after: 10, revision: ['a', 11], changes: [['update', 'x']] },
    { type: 'presence', channel: 'room', after: 10, revision: ['a', 11], changes: [['dance', 'x', {}]] },
    { type: 'presence', channel: 'room', after: 10, revision: ['a', 11], changes: [['enter', 'x']] },
    { type: 'presence', channel: 'room', after: 10, revision: ['a', 11], changes: [null] },
    { type: 'entered', channel: 'room', id: 7 },
    { type: 'exited', channel: 'room', error: 'no' },
  ])('reports garbage and asks anew: %j', async (frame) => {
    const room = await observing(member('x'))
    room.hub.frames(frame)
    expect([room.errors, room.ids]).toEqual([['malformed-frame'], ['x']])
    await room.time.advance(1_000)
    expect(room.of('watch')).toHaveLength(2)
    room.hub.frames({ type: 'heads', heads: [['room', { epoch: 'e', seq: 0, id: '' }, 'what']] })
    expect(room.hub.hungUp).toBe(false)
  })
})

describe('people', () => {
  it('are members collapsed by person, as the most present of them', async () => {
    const of = (id: string, since: number, status: 'active' | 'idle' | 'away', typing = false) =>
      member(id, { person: id[0]!, since, status, typing })
    const room = await observing(
      of('a1', 1, 'active'),
      of('a2', 2, 'active'),
      of('a3', 3, 'idle', true),
      of('b1', 0, 'away'),
    )
    room.presence.typing$.subscribe()
    const [b, a] = room.presence.people$.get()
    expect(b).toMatchObject({ person: 'b', status: 'away', typing: false })
    expect(a).toMatchObject({
      person: 'a',
      state: { name: 'a2' },
      status: 'active',
      typing: true,
      self: false,
    })
    expect(a?.members.map(({ id }) => id)).toEqual(['a1', 'a2', 'a3'])
    expect(room.presence.typing$.get()).toEqual([a])
  })

  it('type no longer when nothing renews it', async () => {
    const room = await observing(member('x', { typing: true }))
    const seen: number[] = []
    room.presence.typing$.subscribe((people) => seen.push(people.length))
    await room.time.advance(4_999)
    room.changes(10, ['a', 11], ['update', 'x', { typing: true }])
    await room.time.advance(4_999)
    expect(seen).toEqual([1])
    await room.time.advance(1)
    expect(seen).toEqual([1, 0])
  })

  it('have cursors apart from the list, which stays still while they move', async () => {
    const room = await observing(member('x'), member('y', { cursor: { x: 1, y: 1 } }))
    const cursors: unknown[] = []
    let lists = 0
    room.presence.cursors$.subscribe((all) =>
      cursors.push(all.map(({ member, cursor }) => [member.id, cursor.x])),
    )
    room.presence.members$.subscribe(() => lists++)
    room.changes(10, ['a', 11], ['update', 'x', { cursor: { x: 5, y: 0 } }])
    room.changes(
      11,
      ['a', 12],
      ['update', 'x', { cursor: null }],
      ['update', 'y', { cursor: { x: 2, y: 0 } }],
    )
    expect(cursors).toEqual([
      [['y', 1]],
      [
        ['x', 5],
        ['y', 1],
      ],
      [['y', 2]],
    ])
    expect(lists).toBe(1)
  })
})
