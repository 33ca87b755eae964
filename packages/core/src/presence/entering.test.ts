import { describe, expect, it } from 'vitest'
import { member, ScriptedPresence } from './testing/scripted-presence.ts'

const inside = async (room = new ScriptedPresence()) => {
  const exit = room.presence.enter({ name: 'Ada' })
  await room.connect()
  room.entered('me')
  return { room, exit, self: () => room.presence.self$.get() }
}

describe('entering', () => {
  it('joins and enters, and is told that it is inside', async () => {
    const room = new ScriptedPresence()
    const seen: string[] = []
    room.presence.self$.subscribe(({ at }) => seen.push(at))
    const exit = room.presence.enter({ name: 'Ada' })
    await room.connect()
    expect(room.sent).toEqual([
      { type: 'join', channel: 'room' },
      { type: 'enter', channel: 'room', state: { name: 'Ada' }, status: 'active' },
    ])
    room.entered('me')
    expect(room.presence.self$.get()).toEqual({ at: 'inside', id: 'me', error: undefined })
    exit()
    await room.settle()
    expect(room.of('exit')).toHaveLength(1)
    expect(seen).toEqual(['outside', 'entering', 'inside', 'outside'])
    await room.time.advance(20_000)
    expect(room.of('leave')).toHaveLength(1)
  })

  it('is refused where the channel is, for its reason, until that is joined again', async () => {
    const room = new ScriptedPresence()
    const seen: string[] = []
    room.presence.self$.subscribe(({ at, error }) => seen.push(error ? `${at} ${error.code}` : at))
    const refuse = (code: string, retryAfter?: number) =>
      room.hub.frames({
        type: 'refused',
        channel: 'room',
        error: { code, ...(retryAfter && { retryAfter }) },
      })
    room.presence.enter({ name: 'Ada' })
    await room.settle()
    room.hub.welcome({ heartbeat: 3_600_000 })
    await room.settle()
    refuse('forbidden')
    expect(room.presence.self$.get().error).toBe(room.channel.state$.get().error)
    expect(room.errors).toEqual(['forbidden'])
    await room.time.advance(60_000)
    expect(seen.splice(0)).toEqual(['outside', 'entering', 'refused forbidden'])

    room.presence.enter({ name: 'Ada' })
    await room.settle()
    expect(room.of('join')).toHaveLength(2)
    room.joined()
    room.entered('me')
    expect(seen.splice(0)).toEqual(['entering', 'inside'])

    refuse('store-unavailable', 2_000)
    expect(seen.splice(0)).toEqual(['refused store-unavailable'])
    await room.time.advance(4_000)
    room.joined()
    room.entered('me')
    expect(seen.splice(0)).toEqual(['entering', 'inside'])

    refuse('revoked')
    await room.cut()
    expect(seen.splice(0)).toEqual(['refused revoked', 'entering'])
    await room.reconnect()
    room.entered('me')
    expect(seen.splice(0)).toEqual(['inside'])
    room.presence.exit()
    expect(seen.splice(0)).toEqual(['outside'])
  })

  it('is refused where an observer was, unless it is let in now', async () => {
    const room = new ScriptedPresence()
    room.watch()
    await room.settle()
    room.hub.welcome({ heartbeat: 3_600_000 })
    await room.settle()
    const refuse = () =>
      room.hub.frames({
        type: 'refused',
        channel: 'room',
        error: { code: 'rate-limited', retryAfter: 9_000 },
      })
    refuse()
    room.presence.enter({ name: 'Ada' })
    expect(room.presence.self$.get()).toMatchObject({ at: 'refused', error: { code: 'rate-limited' } })
    await room.time.advance(20_000)
    expect(room.presence.self$.get()).toEqual({ at: 'entering', id: undefined, error: undefined })
    room.joined()
    room.entered('me')
    expect(room.presence.self$.get().at).toBe('inside')
  })

  it('stays entered across reconnects with its latest state, and is shown once', async () => {
    const { room, self } = await inside()
    room.watch()
    await room.settle()
    room.members(['a', 1], member('me'), member('x'))
    expect(room.presence.members$.get().map(({ id, self }) => [id, self])).toEqual([
      ['me', true],
      ['x', false],
    ])
    await room.cut()
    expect(self()).toMatchObject({ at: 'entering', id: 'me' })
    room.presence.update({ name: 'Countess' })
    room.presence.moveCursor({ x: 1, y: 1 })
    await room.reconnect()
    expect(room.sent.map(({ type }) => type)).toEqual(['join', 'enter', 'watch'])
    expect(room.of('enter')[0]).toEqual({
      type: 'enter',
      channel: 'room',
      state: { name: 'Countess' },
      status: 'active',
    })
    room.entered('me')
    room.members(['b', 1], member('me'))
    expect(room.ids).toEqual(['me', 'x'])
    await room.time.advance(11_000)
    expect(room.ids).toEqual(['me'])
    expect(room.of('exit')).toHaveLength(0)
  })

  it('gives up the ghost of its own when the hub knows it by another id', async () => {
    const { room } = await inside()
    room.watch()
    await room.settle()
    room.members(['a', 1], member('me'))
    await room.cut()
    await room.reconnect()
    room.members(['b', 1], member('me2'))
    room.entered('me2')
    expect(room.presence.members$.get().map(({ id, self }) => [id, self])).toEqual([['me2', true]])
  })

  it('does not leave when it enters again in the same turn', async () => {
    const { room, exit } = await inside()
    exit()
    const again = room.presence.enter({ name: 'Ada' })
    exit()
    await room.time.advance(1_000)
    expect(room.sent.map(({ type }) => type)).toEqual(['join', 'enter'])
    again()
    await room.settle()
    expect(room.of('exit')).toHaveLength(1)
  })

  it('lasts as long as one who entered wants it, unless somebody ends it', async () => {
    const { room, exit } = await inside()
    const other = room.presence.enter({ name: 'Ada' })
    exit()
    exit()
    await room.settle()
    expect(room.of('exit')).toHaveLength(0)
    room.presence.exit()
    other()
    await room.settle()
    expect(room.of('exit')).toHaveLength(1)
  })

  it('that ended offline is ended with the next session, so that no ghost stays for the grace', async () => {
    const { room, exit } = await inside()
    room.watch()
    await room.cut()
    exit()
    await room.reconnect()
    expect(room.sent.map(({ type }) => type)).toEqual(['join', 'exit', 'watch'])
    await room.cut()
    await room.reconnect()
    expect(room.sent.map(({ type }) => type)).toEqual(['join', 'watch'])
    // Who came back meanwhile has not left.
    room.presence.enter({ name: 'Ada' })
    await room.settle()
    room.entered('me')
    await room.cut()
    room.presence.exit()
    room.presence.enter({ name: 'Ada' })
    await room.reconnect(5_000)
    expect(room.sent.map(({ type }) => type)).toEqual(['join', 'enter', 'watch'])
  })

  it('asks again when no answer comes', async () => {
    const room = new ScriptedPresence()
    room.presence.enter({ name: 'Ada' })
    await room.connect()
    await room.time.advance(10_000)
    expect(room.of('enter')).toHaveLength(2)
    room.entered('me')
    await room.time.advance(30_000)
    expect(room.of('enter')).toHaveLength(2)
  })
})

describe('an update', () => {
  it('replaces the state, and is not sent when it is the same', async () => {
    const { room } = await inside()
    room.presence.update({ name: 'Ada' })
    room.presence.update({ name: 'Countess' })
    room.presence.update({ name: 'Countess' })
    room.presence.enter({ name: 'Countess' })
    await room.time.advance(100)
    expect(room.of('update')).toEqual([{ type: 'update', channel: 'room', state: { name: 'Countess' } }])
    expect(room.of('enter')).toHaveLength(1)
  })

  it('goes at once, then at most 30 times a second, the latest of each field', async () => {
    const { room } = await inside()
    room.presence.moveCursor({ x: 0, y: 0 })
    await room.settle()
    expect(room.of('update')).toHaveLength(1)
    for (let x = 1; x <= 10; x++) room.presence.moveCursor({ x, y: 0 })
    room.presence.update({ name: 'Countess' })
    await room.time.advance(34)
    expect(room.of('update')[1]).toMatchObject({ cursor: { x: 10, y: 0 }, state: { name: 'Countess' } })
    for (let ms = 0; ms < 1_000; ms += 5) {
      room.presence.moveCursor({ x: ms, y: 0 })
      await room.time.advance(5)
    }
    expect(room.of('update').length - 2).toBeLessThanOrEqual(31)
    await room.time.advance(100)
    expect(room.of('update').at(-1)).toMatchObject({ cursor: { x: 995 } })
    room.presence.moveCursor(null)
    await room.settle()
    expect(room.of('update').at(-1)).toMatchObject({ cursor: null })
  })

  it('of a cursor is never kept for later', async () => {
    const room = new ScriptedPresence()
    room.watch()
    await room.connect()
    room.presence.moveCursor({ x: 1, y: 1 })
    expect(room.of('update')).toHaveLength(0)
    room.presence.enter({ name: 'Ada' })
    room.presence.moveCursor({ x: 2, y: 2 })
    room.presence.moveCursor({ x: 3, y: 3 })
    await room.cut()
    await room.reconnect()
    await room.time.advance(1_000)
    expect(room.of('update')).toHaveLength(0)
    expect(room.of('enter')[0]).not.toHaveProperty('cursor')
  })
})

describe('typing', () => {
  it('is told at once, renewed while it goes on, and ends by itself', async () => {
    const { room } = await inside()
    const told: [number, boolean | undefined][] = []
    const start = room.time.environment.now()
    let seen = 0
    for (let ms = 0; ms <= 10_000; ms += 100) {
      if (ms < 5_000) room.presence.typing()
      await room.time.advance(100)
      const updates = room.of('update')
      for (const { typing } of updates.slice(seen)) told.push([room.time.environment.now() - start, typing])
      seen = updates.length
    }
    expect(told).toEqual([
      [100, true],
      [2_000, true],
      [4_000, true],
      [6_000, true],
      [7_900, false],
    ])
  })

  it('ends when told so, once', async () => {
    const { room } = await inside()
    room.presence.typing()
    await room.time.advance(500)
    room.presence.stopTyping()
    room.presence.stopTyping()
    await room.time.advance(10_000)
    expect(room.of('update').map(({ typing }) => typing)).toEqual([true, false])
  })

  it('goes on after a short cut, and is over after a long one', async () => {
    const { room } = await inside()
    await room.cut()
    room.presence.typing()
    await room.reconnect(1_000)
    expect(room.of('enter')[0]).toMatchObject({ typing: true })
    await room.cut()
    await room.reconnect(10_000)
    expect(room.of('enter')[0]).not.toHaveProperty('typing')
  })
})

describe('status', () => {
  it('is idle without activity, active with it, and away while the page is hidden', async () => {
    const { room } = await inside()
    const told = () => room.of('update').map(({ status }) => status)
    await room.time.advance(30_000)
    room.inputs$.next()
    await room.time.advance(59_000)
    expect(told()).toEqual([])
    await room.time.advance(1_000)
    expect(told()).toEqual(['idle'])
    room.inputs$.next()
    await room.time.advance(100)
    room.time.signal('hidden')
    await room.time.advance(100)
    expect(told()).toEqual(['idle', 'active', 'away'])
    room.inputs$.next()
    await room.time.advance(300_000)
    expect(told()).toHaveLength(3)
    room.time.signal('visible')
    // The connection makes sure that it is alive.
    room.hub.frames({ type: 'pong' })
    await room.time.advance(59_000)
    room.presence.typing()
    await room.time.advance(59_000)
    expect(told().filter(Boolean)).toEqual(['idle', 'active', 'away', 'active'])
  })

  it('is told with entering: a page that opens hidden is away', async () => {
    const room = new ScriptedPresence()
    room.visible = false
    await inside(room)
    expect(room.of('enter')[0]?.status).toBe('away')
    room.time.signal('resumed')
    await room.settle()
    expect(room.of('update')).toHaveLength(0)
    room.visible = true
    room.time.signal('visible')
    await room.settle()
    expect(room.of('update')[0]?.status).toBe('active')
  })

  it('is idle though the app says the same again, as it does at each rendering', async () => {
    const { room } = await inside()
    for (let seconds = 0; seconds < 60; seconds++) {
      room.presence.update({ name: 'Ada' })
      await room.time.advance(1_000)
    }
    expect(room.of('update').map(({ status }) => status)).toEqual(['idle'])
    room.presence.update({ name: 'Countess' })
    await room.time.advance(100)
    expect(room.of('update').at(-1)).toMatchObject({ state: { name: 'Countess' }, status: 'active' })
  })

  it('takes the time that the app gives', async () => {
    const room = new ScriptedPresence()
    room.presence.enter({ name: 'Ada' }, { idleAfter: 5_000 })
    await room.connect()
    await room.time.advance(5_000)
    expect(room.of('update')[0]?.status).toBe('idle')
    room.presence.enter({ name: 'Ada' }, { idleAfter: Number.POSITIVE_INFINITY })
    await room.time.advance(500_000)
    expect(room.of('update').at(-1)?.status).toBe('active')
  })

  it('listens to the page only while entered', async () => {
    const { room, exit } = await inside()
    expect(room.inputs$.observed).toBe(true)
    exit()
    await room.settle()
    expect(room.inputs$.observed).toBe(false)
  })
})

describe('one who is put out', () => {
  it('is told why, and comes back with another state', async () => {
    const { room, self } = await inside()
    room.presence.update({ name: 'far too long' })
    room.exited('too-large')
    // It may be for what it shared before: asked once more.
    await room.settle()
    expect(room.of('enter')).toHaveLength(2)
    room.exited('too-large')
    expect(self()).toMatchObject({ at: 'refused', error: { code: 'too-large', channel: 'room' } })
    expect(room.errors).toEqual(['too-large', 'too-large'])
    room.presence.update({ name: 'far too long' })
    await room.time.advance(60_000)
    expect(room.of('enter')).toHaveLength(2)
    room.presence.update({ name: 'short' })
    await room.settle()
    expect(room.of('enter')[2]).toMatchObject({ state: { name: 'short' } })
    room.entered('me')
    expect(self().at).toBe('inside')
  })

  it('asks again with the next session, and when the hub said when', async () => {
    const { room, self } = await inside()
    room.exited('rate-limited', 5_000)
    await room.time.advance(4_999)
    room.presence.update({ name: 'Countess' })
    room.presence.enter({ name: 'Ada' })
    expect(room.of('enter')).toHaveLength(1)
    await room.time.advance(5_001)
    expect(room.of('enter')).toHaveLength(2)
    room.exited('too-many-connections')
    await room.cut()
    expect(self().at).toBe('entering')
    await room.reconnect()
    expect(room.of('enter')).toHaveLength(1)
  })
})

describe('closing', () => {
  it('does not wait for long', async () => {
    const { room } = await inside()
    const ended = room.client.close()
    await room.time.advance(499)
    expect(room.hub.hungUp).toBe(false)
    await room.time.advance(1)
    expect(room.hub.hungUp).toBe(true)
    await ended
    expect(room.time.timers).toBe(0)
  })

  it('waits for an exit that the hub has not taken yet, and for none that it has', async () => {
    const { room, exit } = await inside()
    exit()
    await room.settle()
    const ended = room.client.close()
    expect(room.hub.hungUp).toBe(false)
    room.heads()
    await room.settle()
    expect(room.hub.hungUp).toBe(true)
    await ended
    expect(room.time.timers).toBe(0)
  })

  it('waits for nobody where there is nobody to tell', async () => {
    const { room } = await inside()
    await room.cut()
    const ended = room.client.close()
    expect(room.client.status$.get().at).toBe('closed')
    await ended
    expect(room.presence.self$.get().at).toBe('outside')
    expect(room.time.timers).toBe(0)
    expect(room.inputs$.observed).toBe(false)
  })

  it('says nothing where another client goes on', async () => {
    const { room, self } = await inside()
    const ended = room.client.close({ movesOn: true })
    expect(room.hub.hungUp).toBe(true)
    await ended
    expect([room.of('exit'), room.of('leave'), self().at]).toEqual([[], [], 'outside'])
    expect(room.time.timers).toBe(0)
    expect(room.inputs$.observed).toBe(false)
  })
})

describe.each(['close', 'signOut'] as const)('%s', (end) => {
  it('says good-bye and shows nobody any more', async () => {
    const { room, self } = await inside()
    room.watch()
    room.presence.cursors$.subscribe()
    await room.settle()
    room.members(['a', 1], member('me'), member('x', { typing: true, cursor: { x: 1, y: 1 } }))
    const ended = room.client[end]()
    await room.settle()
    expect(room.hub.sent.flat().slice(-3)).toEqual([
      { type: 'exit', channel: 'room' },
      { type: 'heads', channels: ['room'] },
      { type: 'unwatch', channel: 'room' },
    ])
    expect(room.hub.hungUp).toBe(false)
    room.heads()
    await ended
    expect(room.of('exit')).toHaveLength(1)
    expect(room.hub.hungUp).toBe(true)
    const { members$, people$, cursors$, status$ } = room.presence
    expect([members$.get(), people$.get(), cursors$.get(), status$.get()]).toEqual([[], [], [], 'idle'])
    expect(self().at).toBe('outside')
    room.presence.enter({ name: 'Ada' })()
    room.watch()()
    await room.time.advance(20_000)
    expect(self().at).toBe('outside')
    expect(room.time.timers).toBe(0)
  })
})
