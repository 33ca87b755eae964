import { errorCatalog, SynclineError } from '@syncline/core'
import type { PlainLink, PlainMember, PlainTransportEvent } from '@syncline/core/plain'
import { createVirtualTime } from '@syncline/testing'
import { anyJson } from '@syncline/testing/fuzz'
import { ErrorInfo } from 'ably'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createPlainSession } from '../src/plain/plain-session.ts'
import { createOfflineRealtime } from './offline.ts'

/** An attempt with two channels joined, of which one is watched. */
const start = async (present: readonly unknown[] = []) => {
  const ably = createOfflineRealtime(present)
  const time = createVirtualTime()
  const session = createPlainSession({}, ably.create)
  const events: PlainTransportEvent[] = []
  const errors: unknown[] = []
  const lists: (readonly PlainMember[])[] = []
  const attempt = session.attempt({ token: 'token' }).subscribe({
    next: (event) => void events.push(event),
    error: (error) => void errors.push(error),
  })
  // The first token is given as any fresh one is.
  await time.settle()
  const link = (events.find(({ type }) => type === 'open') as { readonly link: PlainLink }).link
  for (const name of ['todos', 'notes']) link.join?.(name)
  link.watch?.('notes', (list) => lists.push(list))
  await time.settle()
  return {
    ably,
    events,
    errors,
    lists,
    settle: time.settle,
    end: () => {
      attempt.unsubscribe()
      session.dispose()
    },
  }
}

const expectSound = (error: unknown): void => {
  expect(error).toBeInstanceOf(SynclineError)
  expect(Object.keys(errorCatalog)).toContain((error as SynclineError).code)
}

const reason = fc.oneof(
  fc.constantFrom(undefined, null),
  fc
    .tuple(fc.string(), fc.oneof(fc.constantFrom(40_140, 40_160, 80_019, 90_010), fc.integer()), fc.integer())
    .map(([message, code, status]) => new ErrorInfo(message, code, status)),
)
const data = fc.oneof(anyJson, fc.constantFrom<unknown>(undefined, new ArrayBuffer(3)))
const told = fc.oneof(
  fc.record({
    of: fc.constant('message' as const),
    channel: fc.constantFrom('todos', 'notes'),
    name: fc.oneof(fc.string(), fc.constantFrom('__proto__', undefined)),
    data,
  }),
  fc.record({
    of: fc.constant('presence' as const),
    action: fc.constantFrom('enter', 'update', 'leave', 'present', 'absent', 'an action of tomorrow'),
    clientId: fc.oneof(fc.constantFrom('ada', '__proto__', undefined, null), fc.string()),
    connectionId: fc.constantFrom('connection-1', 'connection-2', undefined),
    data,
  }),
  fc.record({
    of: fc.constant('state' as const),
    current: fc.constantFrom(
      'attached',
      'attaching',
      'suspended',
      'failed',
      'detached',
      'a state of tomorrow',
    ),
    reason,
  }),
)

it('whatever Ably says, messages come as they are, and a channel that is given up is told with a code', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(told, { minLength: 1, maxLength: 8 }), async (all) => {
      const { ably, events, errors, lists, settle, end } = await start()
      for (const each of all)
        if (each.of === 'message') ably.channel(each.channel)?.said({ name: each.name, data: each.data })
        else if (each.of === 'presence') ably.channel('notes')?.presenceIs(each)
        else ably.channel('notes')?.becomes(each)
      ably.channel('todos')?.said({ name: 'last', data: 'last' })
      await settle()
      const brought = events.flatMap((event) => (event.type === 'event' ? [event.event] : []))
      const said = all.flatMap((each) =>
        each.of === 'message' ? [{ channel: each.channel, event: each.name ?? '', data: each.data }] : [],
      )
      expect(brought).toEqual([...said, { channel: 'todos', event: 'last', data: 'last' }])
      const given = events.flatMap((event) => (event.type === 'error' ? [event.error] : []))
      const givenUp = all.filter((each) => each.of === 'state' && /failed|suspended/.test(each.current))
      expect(given).toHaveLength(givenUp.length)
      for (const error of given) {
        expectSound(error)
        expect(error.channel).toBe('notes')
      }
      // Everybody once, however often they are told of.
      for (const list of lists) {
        const keys = list.map(({ id, connection }) => JSON.stringify([connection, id]))
        expect(new Set(keys).size).toBe(keys.length)
      }
      expect(errors).toEqual([])
      end()
    }),
    { numRuns: 150, seed: 4 },
  )
})

it('a connection that ends in any way for any reason is told with a code, once', async () => {
  const change = fc.record({
    current: fc.constantFrom('disconnected', 'suspended', 'failed', 'closed', 'connected', 'connecting'),
    reason,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const { ably, events, errors, settle, end } = await start()
      for (const each of changes) {
        ably.becomes(each)
        await settle()
      }
      expect(errors.length).toBeLessThanOrEqual(1)
      errors.forEach(expectSound)
      ably.channel('todos')?.said({ name: 'last', data: 'last' })
      const last = events.some((event) => event.type === 'event' && event.event.event === 'last')
      expect(last).toBe(errors.length === 0)
      end()
    }),
    { numRuns: 100, seed: 4 },
  )
})
