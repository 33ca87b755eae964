import { defineChannel, type Schema, SynclineError } from '@syncline/core'
import { createVirtualTime } from '@syncline/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Gateway } from '../gateway/gateway.ts'
import { createJumpingClock } from '../testing/jumping-clock.ts'
import { createTestGateway } from '../testing/test-peer.ts'
import { foldPresence } from './testing/fold-presence.ts'
import {
  channel,
  createPresenceHub,
  grace,
  type Here,
  join,
  type PresenceHub,
  room,
} from './testing/presence-hub.ts'

const known = ({ frames }: Here) => foldPresence(frames, channel)
const names = (peer: Here) =>
  [...known(peer).members.values()].map(({ state }) => (state as { name: string }).name)
const kinds = (peer: Here) => known(peer).seen.map((seen) => seen.split(' ')[0])

/** With one who watches from the start. */
const watchedBy = async (made: PresenceHub, time = made.time) => {
  const watcher = await made.here('watcher')
  watcher.watch()
  await time.advance(100)
  return { ...made, watcher }
}
const watched = (options: Parameters<typeof createPresenceHub>[0] = {}) =>
  watchedBy(createPresenceHub(options))

describe('entering, updating and leaving', () => {
  it('are three things', async () => {
    const { here, settle, time, watcher } = await watched()
    const ada = await here('ada')
    ada.enter()
    await settle()
    const { id } = ada.last('entered')
    await time.advance(100)
    ada.update({ state: { name: 'Ada' } })
    await time.advance(100)
    ada.update({ status: 'away', typing: true, cursor: { x: 1 } })
    await time.advance(100)
    expect(known(watcher).members.get(id)).toEqual({
      id,
      person: 'ada',
      since: expect.any(Number),
      state: { name: 'Ada' },
      status: 'away',
      typing: true,
      cursor: { x: 1 },
    })
    ada.exit()
    await time.advance(100)
    expect(known(watcher).seen).toEqual([`enter ${id}`, `update ${id}`, `update ${id}`, `leave ${id}`])
    expect(watcher.all('presence').at(2)?.changes).toEqual([
      ['update', id, { status: 'away', typing: true, cursor: { x: 1 } }],
    ])
  })

  it('observing does not enter, and one who does not watch hears nothing', async () => {
    const { here, settle, watcher, hub } = await watched()
    const ada = await here('ada')
    ada.enter()
    await settle()
    expect(names(watcher)).toEqual(['ada'])
    expect(ada.all('presence')).toEqual([])
    expect(hub.members(room, { id: 1 })).toMatchObject([
      { person: 'ada', state: { name: 'ada' }, status: 'active', typing: false, cursor: undefined },
    ])
    watcher.unwatch()
    ada.exit()
    await settle()
    expect(names(watcher)).toEqual(['ada'])
    expect(hub.members(room, { id: 1 })).toEqual([])
  })

  it('entering again replaces what is shared, and others see no more than what differs', async () => {
    const { here, time, watcher } = await watched()
    const ada = await here('ada')
    ada.enter({ state: { name: 'ada' }, typing: true, cursor: { x: 1 } })
    await time.advance(100)
    ada.enter({ state: { name: 'ada' }, status: 'idle' })
    await time.advance(100)
    expect(watcher.last('presence').changes).toEqual([
      ['update', ada.last('entered').id, { status: 'idle', typing: false, cursor: null }],
    ])
  })

  it('gives a client one id per channel, and collapses nothing: two tabs are two members of one person', async () => {
    const { here, settle, watcher } = await watched()
    const one = await here('ada', { client: 'tab-1' })
    const two = await here('ada', { client: 'tab-2' })
    one.send({ type: 'join', channel: 'room/2' })
    await settle()
    one.enter()
    two.enter()
    one.enter({ state: { name: 'ada' } }, 'room/2')
    await settle()
    const [here1, here2] = one.all('entered')
    expect(here1?.id).toMatch(/^[\w-]{16}$/)
    expect(here2?.id).not.toBe(here1?.id)
    expect(JSON.stringify(known(watcher))).not.toContain('tab-1')
    expect([...known(watcher).members.values()].map(({ person }) => person)).toEqual(['ada', 'ada'])
  })

  it('makes each client a person where nobody has a name', async () => {
    const { hub, here, settle } = createPresenceHub({ authenticate: undefined as never })
    const one = await here('one')
    const two = await here('two')
    one.enter()
    two.enter()
    await settle()
    const [a, b] = hub.members(room, { id: 1 })
    expect(a?.person).toBe(a?.id)
    expect(a?.person).not.toBe(b?.person)
  })

  it('leaving the channel ends it at once; joining and entering again is a new stay', async () => {
    const { here, time, settle, watcher } = await watched()
    const ada = await here('ada')
    ada.enter()
    await time.advance(100)
    ada.send({ type: 'leave', channel })
    await time.advance(100)
    ada.send(join)
    await settle()
    ada.enter()
    await time.advance(100)
    expect(kinds(watcher)).toEqual(['enter', 'leave', 'enter'])
    await time.advance(grace * 2)
    expect(names(watcher)).toEqual(['ada'])
  })

  it('joining again without leaving changes nothing', async () => {
    const { here, time, watcher } = await watched()
    const ada = await here('ada')
    ada.enter()
    await time.advance(100)
    ada.send(join)
    await time.advance(100)
    ada.update({ typing: true })
    await time.advance(grace * 2)
    expect(kinds(watcher)).toEqual(['enter', 'update'])
  })
})

describe('a lost connection', () => {
  it('stays for the grace, without typing and cursor, and then leaves', async () => {
    const { here, time, watcher } = await watched()
    const ada = await here('ada')
    ada.enter({ state: { name: 'ada' }, typing: true, cursor: { x: 1 } })
    await time.advance(100)
    ada.cut()
    await time.advance(grace - 1)
    const [member] = known(watcher).members.values()
    expect(member).toMatchObject({ status: 'active', state: { name: 'ada' } })
    expect(member).not.toHaveProperty('typing')
    expect(member).not.toHaveProperty('cursor')
    await time.advance(50)
    expect(kinds(watcher)).toEqual(['enter', 'update', 'leave'])
  })

  it('that comes back within the grace was never seen leaving', async () => {
    const { here, time, watcher } = await watched()
    const ada = await here('ada')
    ada.enter()
    await time.advance(100)
    ada.cut()
    await time.advance(grace - 1)
    const back = await here('ada')
    back.enter()
    await time.advance(grace * 3)
    expect(kinds(watcher)).toEqual(['enter'])
    expect(back.last('entered').id).toBe(ada.last('entered').id)
  })

  it('that closes after its successor has entered takes nothing with it', async () => {
    const { here, time, watcher } = await watched()
    const old = await here('ada')
    old.enter()
    await time.advance(100)
    const next = await here('ada')
    next.enter()
    old.update({ state: { name: 'late' } })
    old.exit()
    old.cut()
    await time.advance(grace * 3)
    expect(kinds(watcher)).toEqual(['enter'])
    expect(names(watcher)).toEqual(['ada'])
    next.exit()
    await time.advance(100)
    expect(kinds(watcher)).toEqual(['enter', 'leave'])
  })

  it('whose late words still arrive takes the place of no newer session', async () => {
    const { here, time, watcher } = await watched()
    const old = await here('ada')
    old.enter()
    await time.advance(100)
    const next = await here('ada')
    next.enter({ state: { name: 'Ada' } })
    await time.advance(100)
    old.enter()
    await time.advance(100)
    next.update({ status: 'idle' })
    await time.advance(100)
    old.cut()
    await time.advance(grace * 3)
    expect(kinds(watcher)).toEqual(['enter', 'update', 'update'])
    expect([...known(watcher).members.values()]).toMatchObject([{ state: { name: 'Ada' }, status: 'idle' }])
    // Where the newer one has ended, the place is for whoever is still there.
    next.cut()
    const third = await here('ada')
    third.enter()
    await time.advance(grace * 3)
    expect(names(watcher)).toEqual(['ada'])
  })

  it('whose expiry was on its way takes no newer session with it', async () => {
    const { here, time, watcher } = await watched()
    const first = await here('ada')
    first.enter()
    await time.advance(100)
    first.cut()
    await time.advance(grace / 2)
    const second = await here('ada')
    second.enter()
    await time.advance(grace / 4)
    second.cut()
    await time.advance(grace / 2)
    expect(names(watcher)).toEqual(['ada'])
    await time.advance(grace / 2)
    expect(names(watcher)).toEqual([])
  })

  it('exit on the next connection ends what the last one left, without entering first', async () => {
    const { here, time, watcher } = await watched()
    const ada = await here('ada')
    ada.enter()
    await time.advance(100)
    ada.cut()
    const back = await here('ada')
    back.exit()
    await time.advance(100)
    expect(kinds(watcher)).toEqual(['enter', 'leave'])
  })

  it('exit on the next connection also ends what one left of which nobody knows yet that it is lost', async () => {
    const { here, time, watcher } = await watched({ heartbeat: 1_000 })
    const beat = setBeat(watcher)
    const ada = await here('ada')
    ada.enter()
    await beat(time, 100)
    const back = await here('ada')
    back.exit()
    await beat(time, 100)
    expect(kinds(watcher)).toEqual(['enter', 'leave'])
    await beat(time, 4_000)
    ada.send({ type: 'ping' })
    ada.update({ state: { name: 'late' } })
    await beat(time, 100)
    expect(names(watcher)).toEqual([])
  })

  it('that only went silent counts as lost, and takes its place again when it is heard', async () => {
    const { here, time, watcher } = await watched({ heartbeat: 1_000 })
    const ada = await here('ada')
    ada.enter({ state: { name: 'ada' }, status: 'away', typing: true })
    const beat = setBeat(watcher)
    await beat(time, 4_000)
    const [quiet] = known(watcher).members.values()
    expect(quiet).toBeDefined()
    expect(quiet).not.toHaveProperty('typing')
    ada.send({ type: 'ping' })
    await beat(time, 1_000)
    expect(kinds(watcher)).not.toContain('leave')
    await beat(time, grace + 5_000)
    expect(names(watcher)).toEqual([])
    ada.send({ type: 'ping' })
    await beat(time, 100)
    expect([...known(watcher).members.values()]).toMatchObject([{ state: { name: 'ada' }, status: 'away' }])
    ada.exit()
    await beat(time, 100)
    expect(names(watcher)).toEqual([])
  })

  it('that only went silent counts as lost also when the clock was set back', async () => {
    const { time, environment, jump } = createJumpingClock()
    const { here, watcher } = await watchedBy(createPresenceHub({ environment, heartbeat: 1_000 }), time)
    const ada = await here('ada')
    ada.enter({ state: { name: 'ada' }, typing: true })
    const beat = setBeat(watcher)
    await beat(time, 100)
    jump(-3_600_000)
    await beat(time, grace + 5_000)
    expect(names(watcher)).toEqual([])
  })

  it('that is heard again in time keeps its place for good', async () => {
    const { here, time, watcher } = await watched({ heartbeat: 1_000 })
    const ada = await here('ada')
    ada.enter({ state: { name: 'ada' }, typing: true })
    const beat = setBeat(watcher)
    await beat(time, 4_000)
    for (let turn = 0; turn < 30; turn++) {
      ada.send({ type: 'ping' })
      await beat(time, 1_000)
    }
    expect(kinds(watcher)).toEqual(['enter', 'update'])
    ada.update({ typing: true })
    await beat(time, 100)
    expect(kinds(watcher)).toEqual(['enter', 'update', 'update'])
  })

  it('that went silent and moved elsewhere is not woken by a late word', async () => {
    const { here, time, watcher } = await watched({ heartbeat: 1_000 })
    const old = await here('ada')
    old.enter()
    const beat = setBeat(watcher)
    await beat(time, 4_000)
    const next = await here('ada')
    next.enter()
    await beat(time, 100)
    next.exit()
    await beat(time, 100)
    old.send({ type: 'ping' })
    await beat(time, 100)
    expect(names(watcher)).toEqual([])
  })

  it('that was given up while a newer one entered takes nothing from it when it is heard', async () => {
    const { here, time, watcher } = await watched({ heartbeat: 1_000 })
    const old = await here('ada')
    old.enter()
    const beat = setBeat(watcher)
    await beat(time, grace + 5_000)
    expect(names(watcher)).toEqual([])
    const next = await here('ada')
    const both = setBeat(watcher, next)
    next.enter({ state: { name: 'Ada' } })
    await both(time, 100)
    old.send({ type: 'ping' })
    await both(time, 100)
    old.cut()
    await both(time, grace * 2)
    expect(names(watcher)).toEqual(['Ada'])
  })
})

/** Time goes by, and some clients go on to be heard. */
const setBeat =
  (...peers: readonly Here[]) =>
  async (time: { advance(ms: number): Promise<void> }, ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 500) {
      for (const peer of peers) peer.send({ type: 'ping' })
      await time.advance(Math.min(500, left))
    }
  }

describe('two providers', () => {
  it('a client that moves from one to the other stays the same member, for watchers on both', async () => {
    const first = createTestGateway()
    const second = { ...createTestGateway(), name: 'second' }
    const { here, time, settle } = createPresenceHub({ gateway: first, gateways: [first, second] })
    const watchers = [await here('one'), await here('two', { gateway: second })]
    for (const watcher of watchers) watcher.watch()
    await settle()
    const before = await here('ada')
    before.enter()
    await time.advance(100)
    const after = await here('ada', { gateway: second })
    after.enter()
    before.cut()
    await time.advance(grace * 2)
    after.update({ status: 'idle' })
    await time.advance(100)
    for (const watcher of watchers) expect(kinds(watcher)).toEqual(['enter', 'update'])
  })
})

describe('what may be shared', () => {
  it.each([
    ['a state that violates its schema', { state: { name: 7 } }, 'schema-violation'],
    ['no state', {}, 'schema-violation'],
    ['a cursor that violates its schema', { state: { name: 'a' }, cursor: 'x' }, 'schema-violation'],
    ['a state that is too large', { state: { name: 'x'.repeat(5_000) } }, 'too-large'],
  ])('%s is refused as one enters, and takes back what was there', async (_, shared, code) => {
    const { here, time, watcher } = await watched()
    const ada = await here('ada')
    ada.enter(shared)
    await time.advance(100)
    expect(ada.last('exited').error.code).toBe(code)
    expect(kinds(watcher)).toEqual([])
    ada.enter()
    await time.advance(100)
    ada.cut()
    const back = await here('ada')
    back.enter(shared)
    await time.advance(100)
    expect(back.last('exited').error.code).toBe(code)
    expect(kinds(watcher)).toEqual(['enter', 'leave'])
  })

  it('a bad update is refused alone: the member stays as it was', async () => {
    const { here, time, watcher } = await watched()
    const ada = await here('ada')
    ada.enter()
    await time.advance(100)
    for (const shared of [
      { state: { name: 7 } },
      { cursor: { x: 'far' } },
      { cursor: { x: 1, y: 'x'.repeat(5_000) } },
    ]) {
      ada.update({ ...shared, typing: true })
      await time.advance(100)
    }
    expect(ada.all('error').map(({ error, channel }) => [error.code, channel])).toEqual([
      ['schema-violation', channel],
      ['schema-violation', channel],
      ['too-large', channel],
    ])
    expect(kinds(watcher)).toEqual(['enter'])
    ada.update({ status: 'idle' })
    await time.advance(100)
    expect(kinds(watcher)).toEqual(['enter', 'update'])
  })

  it('a channel without presence has none, and says so', async () => {
    const { here, settle } = await watched()
    const ada = await here('ada')
    ada.send({ type: 'join', channel: 'plain' })
    await settle()
    ada.enter({ state: 1 }, 'plain')
    ada.watch('plain')
    await settle()
    expect(ada.last('exited')).toMatchObject({ channel: 'plain', error: { code: 'unknown-event' } })
    expect(ada.last('error')).toMatchObject({ channel: 'plain', error: { code: 'unknown-event' } })
  })

  it('is for those who have joined: before, entering is refused, and an update means nothing', async () => {
    const { here, settle, hub } = await watched()
    const ada = await here('ada')
    ada.enter({ state: { name: 'ada' } }, 'room/2')
    ada.update({ typing: true }, 'room/2')
    ada.exit('room/2')
    await settle()
    expect(ada.all('exited')).toMatchObject([{ channel: 'room/2', error: { code: 'forbidden' } }])
    ada.watch('room/2')
    await settle()
    expect(ada.all('error')).toMatchObject([{ channel: 'room/2', error: { code: 'forbidden' } }])
    expect(hub.members(room, { id: 2 })).toEqual([])
    expect(ada.closed).toBe(false)
  })

  it('frames that are no frames are refused by name', async () => {
    const { here, settle } = await watched()
    const ada = await here('ada')
    ada.sendRaw([
      { type: 'enter' },
      { type: 'enter', channel, status: 'asleep' },
      { type: 'update', channel, typing: 'yes' },
      { type: 'watch', channel: 7 },
    ])
    await settle()
    expect(ada.all('error').map(({ error }) => error.code)).toEqual(Array(4).fill('malformed-frame'))
  })

  it('a schema that takes its time never reorders: the latest wins, and exit cancels', async () => {
    const answers: (() => void)[] = []
    const slow: Schema<{ n: number }, { n: number }> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) =>
          new Promise((resolve) => answers.push(() => resolve({ value: value as { n: number } }))),
      },
    }
    const made = createPresenceHub()
    const contract = defineChannel('slow', { events: {}, presence: slow })
    made.hub.serve(contract, {})
    const ada = await made.here('ada')
    ada.send({ type: 'join', channel: 'slow' })
    await made.settle()
    const state = () => made.hub.members(contract).map(({ state }) => state.n)
    ada.enter({ state: { n: 1 } }, 'slow')
    ada.update({ state: { n: 2 } }, 'slow')
    ada.update({ state: { n: 3 } }, 'slow')
    expect(answers).toHaveLength(1)
    answers[0]?.()
    await made.settle()
    expect(state()).toEqual([1])
    expect(answers).toHaveLength(2)
    answers[1]?.()
    await made.settle()
    expect(state()).toEqual([3])
    ada.update({ state: { n: 4 } }, 'slow')
    ada.exit('slow')
    answers[2]?.()
    await made.settle()
    expect(state()).toEqual([])
    expect(ada.all('error')).toEqual([])
  })
})

describe('bounds', () => {
  it('a full channel refuses one more, and says when to ask again', async () => {
    const { here, time, settle, watcher } = await watched({ limits: { members: 2 } })
    const [a, b, c] = [await here('a'), await here('b'), await here('c')]
    for (const peer of [a, b, c]) peer.enter()
    await settle()
    expect(c.last('exited').error).toMatchObject({ code: 'too-many-connections', retryAfter: 5_000 })
    b.enter()
    await settle()
    expect(b.all('exited')).toEqual([])
    a.exit()
    c.enter()
    await time.advance(100)
    expect(names(watcher).sort()).toEqual(['b', 'c'])
  })

  it('a flood of updates is drawn together: nothing is refused, and the last one arrives', async () => {
    const { here, time, watcher } = await watched({ limits: { presencePerSecond: 10 } })
    const ada = await here('ada')
    ada.enter()
    await time.advance(1_000)
    for (let x = 1; x <= 500; x++) {
      ada.update({ cursor: { x }, ...(x === 250 && { status: 'idle' }) })
      if (x % 10 === 0) await time.advance(10)
    }
    await time.advance(1_000)
    expect([...known(watcher).members.values()]).toMatchObject([{ cursor: { x: 500 }, status: 'idle' }])
    expect(watcher.all('presence').length).toBeLessThan(30)
    expect(ada.all('error')).toEqual([])
    expect(ada.closed).toBe(false)
  })

  it('changes are told at once when it is quiet, and then once for each interval', async () => {
    const { here, time, settle, watcher, gateway } = await watched({ presence: { interval: 50 } })
    const peers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => here(name)))
    await time.advance(100)
    peers[0]?.enter()
    await settle()
    expect(watcher.all('presence')).toHaveLength(1)
    for (const peer of peers.slice(1)) {
      peer.enter()
      await time.advance(10)
    }
    expect(watcher.all('presence')).toHaveLength(1)
    await time.advance(50)
    expect(watcher.all('presence')).toHaveLength(2)
    expect(watcher.last('presence').changes).toHaveLength(3)
    expect(names(watcher)).toHaveLength(4)
    expect(gateway.deliveries.every((count) => count === 1)).toBe(true)
  })

  it('watching during a storm of joins: the list is made once for each interval and all agree', async () => {
    const { here, time } = createPresenceHub({ gateway: createTestGateway() })
    const peers: Here[] = []
    for (let n = 0; n < 60; n++) {
      const peer = await here(`p${n}`)
      peers.push(peer)
      peer.watch()
      peer.enter()
      if (n % 10 === 9) await time.advance(7)
    }
    for (const peer of peers.filter((_, n) => n % 3 === 0)) peer.exit()
    await time.advance(100)
    const [first] = peers
    expect(known(first as Here).members.size).toBe(40)
    for (const peer of peers) {
      expect(known(peer).members).toEqual(known(first as Here).members)
      expect(known(peer).missed).toBe(0)
      expect(peer.all('members')).toHaveLength(1)
    }
  })

  it('a slow watcher is skipped, and gets all that it missed in one frame', async () => {
    const { here, time, watcher } = await watched()
    const ada = await here('ada')
    const bob = await here('bob')
    bob.enter()
    await time.advance(100)
    watcher.stall()
    ada.enter()
    await time.advance(100)
    const { length } = watcher.frames
    for (let x = 0; x < 20; x++) {
      ada.update({ cursor: { x } })
      if (x === 10) bob.exit()
      await time.advance(100)
    }
    expect(watcher.frames).toHaveLength(length)
    watcher.drain()
    expect(watcher.frames).toHaveLength(length + 1)
    expect([...known(watcher).members.values()]).toMatchObject([{ person: 'ada', cursor: { x: 19 } }])
    expect(known(watcher).missed).toBe(0)
    ada.update({ cursor: { x: 20 } })
    await time.advance(100)
    expect([...known(watcher).members.values()]).toMatchObject([{ cursor: { x: 20 } }])
  })

  it('a watcher that missed too much gets the whole list', async () => {
    const { here, time, watcher } = await watched()
    watcher.stall()
    const ada = await here('ada')
    ada.enter()
    await time.advance(100)
    for (let n = 0; n < 300; n++) {
      const peer = await here(`p${n}`)
      peer.enter()
      await time.advance(40)
      peer.exit()
    }
    await time.advance(100)
    watcher.drain()
    expect(watcher.all('members')).toHaveLength(2)
    expect(names(watcher)).toEqual(['ada'])
  })

  it('one that watches while it takes nothing gets the list once it does', async () => {
    const { here, time, settle } = createPresenceHub()
    const ada = await here('ada')
    ada.enter()
    const slow = await here('slow')
    slow.stall()
    slow.watch()
    await settle()
    expect(slow.all('members')).toEqual([])
    slow.drain()
    await time.advance(100)
    expect(slow.all('members')).toHaveLength(1)
    expect(names(slow)).toEqual(['ada'])
  })

  it('watching again gives the list again', async () => {
    const { time, watcher } = await watched()
    watcher.watch()
    watcher.watch()
    await time.advance(100)
    expect(watcher.all('members')).toHaveLength(2)
  })
})

describe('access', () => {
  it('revoking a channel removes at once, and ends watching', async () => {
    const { hub, here, time, watcher } = await watched()
    const ada = await here('ada')
    ada.enter()
    ada.watch()
    await time.advance(100)
    hub.revoke({ subject: 'ada', channel })
    await time.advance(100)
    expect(kinds(watcher)).toEqual(['enter', 'leave'])
    expect(ada.last('refused').error.code).toBe('revoked')
    const { length } = ada.frames
    const bob = await here('bob')
    bob.enter()
    await time.advance(100)
    expect(ada.frames).toHaveLength(length)
  })

  it('revoking all removes also who lost the connection and is in its grace', async () => {
    const { hub, here, time, watcher } = await watched()
    const gone = await here('ada', { client: 'gone' })
    const there = await here('ada', { client: 'there' })
    gone.enter()
    there.enter()
    await time.advance(100)
    gone.cut()
    hub.revoke({ subject: 'ada' })
    await time.advance(100)
    expect(names(watcher)).toEqual([])
    expect(there.last('bye').error.code).toBe('revoked')
  })

  it('a join that is refused ends the presence that an earlier one allowed', async () => {
    let allowed = true
    const made = createPresenceHub()
    const vault = defineChannel('vault', { events: {}, presence: z.object({ name: z.string() }) })
    made.hub.serve(vault, { authorize: () => allowed })
    const ada = await made.here('ada')
    ada.send({ type: 'join', channel: 'vault' })
    await made.settle()
    ada.enter({ state: { name: 'ada' } }, 'vault')
    await made.settle()
    expect(made.hub.members(vault)).toHaveLength(1)
    allowed = false
    ada.send({ type: 'join', channel: 'vault' })
    await made.settle()
    expect(made.hub.members(vault)).toHaveLength(0)
  })
})

describe('heads', () => {
  it('say how far presence has come where anybody watches, and nothing elsewhere', async () => {
    const { here, time, settle, watcher } = await watched()
    const ada = await here('ada')
    ada.send({ type: 'join', channel: 'room/2' })
    ada.enter()
    await settle()
    ada.send({ type: 'heads', channels: [channel, 'room/2'] })
    await settle()
    const revision = watcher.last('presence').revision
    expect(ada.last('heads').heads).toEqual([
      [channel, expect.anything(), revision],
      ['room/2', expect.anything()],
    ])
    watcher.clear()
    await time.advance(15_000)
    expect(watcher.last('heads').heads).toEqual([[channel, expect.anything(), revision]])
  })

  it('a channel that was forgotten goes on counting, and a new hub begins a new era', async () => {
    const { here, time, settle, watcher } = await watched()
    const ada = await here('ada')
    ada.enter()
    await time.advance(100)
    const [era, count] = known(watcher).revision ?? ['', 0]
    ada.exit()
    watcher.unwatch()
    await time.advance(100)
    watcher.watch()
    await settle()
    expect(watcher.last('members')).toMatchObject({ revision: [era, count + 1], members: [], grace })
    const other = await watched()
    expect(other.watcher.last('members').revision[0]).toEqual(expect.any(String))
  })
})

describe('the end', () => {
  it('nothing stays in memory when the last member and the last watcher are gone', async () => {
    const { hub, here, time, watcher } = await watched()
    const peers = await Promise.all(Array.from({ length: 20 }, (_, n) => here(`p${n}`)))
    for (const peer of peers) peer.enter()
    await time.advance(100)
    for (const peer of peers) peer.cut()
    watcher.cut()
    await time.advance(grace * 2)
    expect(hub.members(room, { id: 1 })).toEqual([])
    expect(hub.health()).toMatchObject({ connections: 0, presence: 0 })
    await hub.close()
    expect(time.timers).toBe(0)
  })

  it('a hub that closes shows nobody leaving', async () => {
    const { hub, here, time, watcher } = await watched()
    const ada = await here('ada')
    ada.enter({ state: { name: 'ada' }, typing: true })
    await time.advance(100)
    const closing = hub.close()
    await time.advance(grace * 2)
    await closing
    expect(kinds(watcher)).toEqual(['enter'])
    expect(time.timers).toBe(0)
  })

  it('a clock that is set back by an hour delays nothing', async () => {
    const time = createVirtualTime()
    let back = 0
    const environment = { ...time.environment, now: () => time.environment.now() - back }
    const made = await watchedBy(createPresenceHub({ environment }), time)
    const [ada, bob] = [await made.here('ada'), await made.here('bob')]
    ada.enter()
    bob.enter()
    await time.advance(100)
    ada.cut()
    await time.advance(1_000)
    back = 3_600_000
    bob.update({ status: 'idle' })
    await time.advance(100)
    expect([...known(made.watcher).members.values()].map(({ status }) => status)).toContain('idle')
    bob.cut()
    await time.advance(grace)
    expect(names(made.watcher)).toEqual([])
  })

  it('a provider that hangs delays no other, nor those that the hub reaches by itself', async () => {
    const published: string[] = []
    const hangs = { ...createTestGateway({ publish: () => new Promise(() => {}) }), name: 'hangs' }
    const works = {
      ...createTestGateway({ publish: async (_, { json }) => void published.push(json) }),
      name: 'works',
    }
    const own = createTestGateway()
    const { here, time } = createPresenceHub({ gateway: own, gateways: [hangs, works, own] })
    const watchers = [
      await here('one', { gateway: hangs }),
      await here('two', { gateway: works }),
      await here('three'),
    ]
    for (const watcher of watchers) watcher.watch()
    await time.advance(300)
    const ada = await here('ada')
    ada.enter()
    await time.advance(300)
    for (let x = 0; x < 5; x++) {
      ada.update({ cursor: { x } })
      await time.advance(300)
    }
    expect(published).toHaveLength(6)
    expect(watchers[2]?.all('presence')).toHaveLength(6)
  })

  it('a gateway that throws disturbs no other', async () => {
    const bad = createTestGateway({
      deliver: () => {
        throw new Error('The gateway is broken.')
      },
    })
    const good = { ...createTestGateway(), name: 'good' }
    const { here, time, log } = createPresenceHub({ gateway: bad, gateways: [bad, good] })
    const one = await here('one')
    const two = await here('two', { gateway: good })
    one.watch()
    two.watch()
    await time.advance(100)
    two.enter()
    await time.advance(100)
    expect(names(two)).toEqual(['two'])
    expect(log.filter(({ level }) => level === 'error')).toHaveLength(1)
  })
})

describe('a provider that fans out by itself', () => {
  const createProvider = () => {
    const published: { readonly channel: string; readonly json: string }[] = []
    const waiting: { resolve(): void; reject(error: unknown): void }[] = []
    const publish: NonNullable<Gateway['publish']> = (name, frame) => {
      published.push({ channel: name, json: frame.json })
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    }
    const gateway = { ...createTestGateway({ publish }), name: 'provider' }
    return {
      gateway,
      published,
      frames: () => published.map(({ json }) => JSON.parse(json)),
      took: () => waiting.shift()?.resolve(),
      refused: (error: unknown) => waiting.shift()?.reject(error),
    }
  }

  const start = async () => {
    const provider = createProvider()
    const { gateway } = provider
    const made = createPresenceHub({ gateway, gateways: [gateway] })
    const watcher = await made.here('watcher')
    watcher.watch()
    await made.time.advance(100)
    const ada = await made.here('ada')
    return { ...made, provider, watcher, ada }
  }

  it('gets the list over its uplink and the changes through the provider, one frame at a time', async () => {
    const { provider, watcher, ada, time } = await start()
    expect(watcher.all('members')).toHaveLength(1)
    ada.enter()
    await time.advance(10)
    expect(provider.published).toHaveLength(1)
    for (let x = 0; x < 10; x++) {
      ada.update({ cursor: { x } })
      await time.advance(50)
    }
    expect(provider.published).toHaveLength(1)
    provider.took()
    await time.advance(0)
    expect(provider.published).toHaveLength(2)
    const [first, second] = provider.frames()
    expect(second.after).toBe(first.revision[1])
    expect(second.changes).toEqual([['update', ada.last('entered').id, { cursor: { x: 9 } }]])
    expect(watcher.all('presence')).toEqual([])
  })

  it('is published to at most every 200 ms', async () => {
    const { provider, ada, time } = await start()
    ada.enter()
    for (let x = 0; x < 100; x++) {
      await time.advance(10)
      provider.took()
      ada.update({ cursor: { x } })
    }
    expect(provider.published.length).toBeGreaterThan(3)
    expect(provider.published.length).toBeLessThanOrEqual(6)
  })

  it('costs nothing where nobody watches through it', async () => {
    const { provider, watcher, ada, time } = await start()
    watcher.unwatch()
    ada.enter()
    await time.advance(1_000)
    expect(provider.published).toEqual([])
  })

  it('heads tell what the provider took, and after a failure all there is', async () => {
    const { provider, watcher, ada, time, settle } = await start()
    const headOf = async () => {
      watcher.send({ type: 'heads', channels: [channel] })
      await settle()
      return watcher.last('heads').heads[0]?.[2]?.[1]
    }
    const before = await headOf()
    ada.enter()
    await settle()
    expect(await headOf()).toBe(before)
    provider.refused(new Error('no network'))
    await settle()
    expect(await headOf()).toBe((before ?? 0) + 1)
    expect(provider.published).toHaveLength(1)
    await time.advance(1_000)
    expect(provider.frames()[1]).toEqual(provider.frames()[0])
    provider.took()
    await time.advance(5_000)
    expect(provider.published).toHaveLength(2)
    expect(await headOf()).toBe((before ?? 0) + 1)
  })

  it('that hangs is given up after a while, and asked again', async () => {
    const { provider, watcher, ada, time, settle } = await start()
    ada.enter()
    await time.advance(29_999)
    ada.update({ status: 'idle' })
    expect(provider.published).toHaveLength(1)
    await time.advance(1)
    watcher.send({ type: 'heads', channels: [channel] })
    await settle()
    const told = watcher.last('heads').heads[0]?.[2]?.[1]
    await time.advance(1_000)
    expect(provider.published).toHaveLength(2)
    expect(provider.frames()[1].revision[1]).toBe(told)
  })

  it('is left alone for as long as it asks, on all channels', async () => {
    const { provider, watcher, ada, time } = await start()
    for (const peer of [watcher, ada]) peer.send({ type: 'join', channel: 'room/2' })
    await time.advance(0)
    watcher.watch('room/2')
    ada.enter()
    await time.advance(10)
    provider.refused(new SynclineError('rate-limited', { retryAfter: 20_000 }))
    await time.advance(0)
    ada.enter({ state: { name: 'ada' } }, 'room/2')
    await time.advance(19_900)
    expect(provider.published).toHaveLength(1)
    await time.advance(200)
    expect(provider.published.map((each) => each.channel).toSorted()).toEqual(['room/1', 'room/1', 'room/2'])
  })

  it('goes on with the other channels where only one is to wait', async () => {
    const { provider, watcher, ada, time } = await start()
    for (const peer of [watcher, ada]) peer.send({ type: 'join', channel: 'room/2' })
    await time.advance(0)
    watcher.watch('room/2')
    ada.enter()
    await time.advance(10)
    provider.refused(new SynclineError('rate-limited', { retryAfter: 20_000, channel: 'room/1' }))
    await time.advance(0)
    ada.enter({ state: { name: 'ada' } }, 'room/2')
    await time.advance(19_900)
    expect(provider.published.map((each) => each.channel)).toEqual(['room/1', 'room/2'])
    await time.advance(200)
    expect(provider.published.map((each) => each.channel)).toEqual(['room/1', 'room/2', 'room/1'])
  })

  it('gets in halves what is too large for it', async () => {
    const { provider, here, time, settle } = await start()
    for (let n = 0; n < 8; n++) {
      const peer = await here(`p${n}`)
      peer.enter()
    }
    await settle()
    await time.advance(10)
    for (let turn = 0; turn < 60; turn++) {
      const frame = provider.frames().at(-1)
      if (frame.changes.length > 3) provider.refused(new SynclineError('too-large'))
      else provider.took()
      await time.advance(20)
    }
    const small = provider.frames().filter((frame) => frame.changes.length <= 3)
    const ids = small.flatMap((frame) =>
      frame.changes.map(([, member]: [string, { id: string }]) => member.id),
    )
    expect(new Set(ids).size).toBe(8)
    for (const [index, frame] of small.entries())
      expect(frame.after).toBe(small[index - 1]?.revision[1] ?? frame.after)
  })

  it('forgets who left once it was told', async () => {
    const { provider, ada, time } = await start()
    ada.enter()
    await time.advance(10)
    provider.took()
    ada.exit()
    await time.advance(300)
    expect(provider.frames()[1].changes).toEqual([['leave', ada.last('entered').id]])
    provider.took()
    await time.advance(1_000)
    expect(provider.published).toHaveLength(2)
  })
})
