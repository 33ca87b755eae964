import { describe, expect, it } from 'vitest'
import { member, ScriptedPresence } from './testing/scripted-presence.ts'

describe('observing', () => {
  it('joins, asks for the members once joined, and never enters', async () => {
    const it = new ScriptedPresence()
    expect(it.scripted.attempts).toHaveLength(0)
    const stop = it.watch()
    expect(it.presence.status$.get()).toBe('loading')
    await it.connect()
    expect(it.sent.map(({ type }) => type)).toEqual(['join', 'watch'])
    it.members(['a', 3], member('x', { typing: true }), member('y', { since: 0 }))
    expect(it.presence.status$.get()).toBe('live')
    expect(it.presence.members$.get()).toEqual([
      {
        id: 'y',
        person: 'person of y',
        since: 0,
        state: { name: 'y' },
        status: 'active',
        typing: false,
        self: false,
      },
      {
        id: 'x',
        person: 'person of x',
        since: 1,
        state: { name: 'x' },
        status: 'active',
        typing: true,
        self: false,
      },
    ])
    expect(it.presence.self$.get().at).toBe('outside')
    stop()
    await it.time.advance(10_000)
    expect(it.sent.map(({ type }) => type)).toEqual(['join', 'watch', 'unwatch', 'leave'])
    expect(it.presence.status$.get()).toBe('idle')
    expect(it.ids).toEqual([])
  })
})
