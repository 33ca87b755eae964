import type { WireMember } from '@syncline/core/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { foldPresence } from './testing/fold-presence.ts'
import { channel, createPresenceHub, grace, type Here, room } from './testing/presence-hub.ts'

const clients = ['a', 'b', 'c'] as const
type Name = (typeof clients)[number]

/** What happens, to whom, and how long after. */
const step = fc.record({
  what: fc.constantFrom(
    'enter',
    'enter',
    'enter',
    'connect',
    'connect',
    'cut',
    'update',
    'typing',
    'cursor',
    'exit',
    'cut',
    'connect',
    'stall',
    'drain',
    'unwatch',
    'watch',
  ),
  who: fc.constantFrom(...clients),
  value: fc.nat(3),
  pause: fc.constantFrom(0, 0, 5, 40, 3_000, grace - 1, grace + 100),
})

/** Without what is not there, as both ends write it. */
const tidy = (members: readonly WireMember[]) =>
  members.map(({ id, state, status, typing, cursor }) => ({
    id,
    state,
    status,
    typing: typing ?? false,
    cursor: cursor ?? undefined,
  }))
const byId = (one: { readonly id: string }, other: { readonly id: string }) => (one.id < other.id ? -1 : 1)

const run = async (steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]) => {
  const made = createPresenceHub({ heartbeat: 3_600_000 })
  const observer = await made.here('observer')
  const slow = await made.here('slow')
  observer.watch()
  slow.watch()
  await made.time.advance(100)
  const open = new Map<Name, Here>()
  /** When each client's connection was lost, while it was a member. */
  const lost = new Map<Name, number>()
  const idOf = new Map<Name, string>()
  /** How often each was to be seen leaving, by what happened. */
  const leaves = new Map<Name, number>()
  const inside = new Set<Name>()
  const count = (name: Name) => leaves.set(name, (leaves.get(name) ?? 0) + 1)
  let watching = true

  for (const name of clients) open.set(name, await made.here(name))

  /** Of a connection that has not entered nothing is lost. */
  const lose = (name: Name) => {
    if (inside.has(name) && !lost.has(name)) lost.set(name, made.time.environment.now())
  }
  const expire = () => {
    const now = made.time.environment.now()
    for (const [name, at] of lost)
      if (now - at >= grace) {
        lost.delete(name)
        inside.delete(name)
        count(name)
      }
  }

  for (const { what, who, value, pause } of steps) {
    const peer = open.get(who)
    if (what === 'connect') {
      // The old connection closes only after the new one is there, every other time.
      const next = await made.here(who)
      expire()
      if (peer && value > 1 && inside.has(who)) {
        next.enter({ state: { name: `${value}` } })
        lost.delete(who)
      }
      if (peer) {
        peer.cut()
        if (value <= 1) lose(who)
      }
      open.set(who, next)
    }
    if (what === 'cut' && peer) {
      peer.cut()
      open.delete(who)
      lose(who)
    }
    if (what === 'enter' && peer) {
      peer.enter({ state: { name: `${value}` } })
      await made.settle()
      expire()
      lost.delete(who)
      inside.add(who)
      idOf.set(who, peer.last('entered').id)
    }
    if (what === 'exit' && peer) {
      peer.exit()
      lost.delete(who)
      if (inside.delete(who)) count(who)
    }
    if (what === 'update')
      peer?.update({ state: { name: `${value}` }, status: value > 1 ? 'idle' : 'active' })
    if (what === 'typing') peer?.update({ typing: value > 1 })
    if (what === 'cursor') peer?.update({ cursor: value > 0 ? { x: value } : null })
    if (what === 'stall') slow.stall()
    if (what === 'drain') slow.drain()
    if (what === 'unwatch' && watching) {
      slow.unwatch()
      watching = false
    }
    if (what === 'watch') {
      slow.watch()
      watching = true
    }
    await made.time.advance(pause)
    expire()
    expect(
      made.hub
        .members(room, { id: 1 })
        .map(({ person }) => person)
        .sort(),
    ).toEqual([...inside].sort())
  }
  if (!watching) slow.watch()
  slow.drain()
  await made.time.advance(100)
  expire()
  const members = made.hub.members(room, { id: 1 })
  await made.hub.close()
  return { observer, slow, members, leaves, idOf }
}

it('everybody who watches ends as the hub has it, and sees a leave only where one left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
      const { observer, slow, members, leaves, idOf } = await run(steps)
      const truth = tidy(members as never).sort(byId)
      for (const peer of [observer, slow]) {
        const known = foldPresence(peer.frames, channel)
        expect(tidy([...known.members.values()]).sort(byId)).toEqual(truth)
        expect(known.missed).toBe(0)
      }
      expect(observer.all('members')).toHaveLength(1)
      // Several leaves within one frame are one, so at most as many as happened.
      const { seen } = foldPresence(observer.frames, channel)
      for (const [name, id] of idOf)
        expect(seen.filter((one) => one === `leave ${id}`).length).toBeLessThanOrEqual(leaves.get(name) ?? 0)
    }),
    { numRuns: 150 },
  )
})
