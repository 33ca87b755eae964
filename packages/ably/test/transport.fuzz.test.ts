import { goesOn, offlineJoins, startOfflineAttempt } from '@syncline/testing/adapter'
import { anyJson, damaged } from '@syncline/testing/fuzz'
import { ErrorInfo } from 'ably'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createTransport } from '../src/create-transport.ts'
import { createAnsweringHub, createOfflineRealtime } from './offline.ts'

/** An attempt on an SDK and a hub, both without a network. */
const start = async (answers?: Readonly<Record<string, unknown>>) => {
  const ably = createOfflineRealtime()
  const hub = createAnsweringHub(answers)
  const attempt = await startOfflineAttempt(createTransport('http://hub', {}, ably.create), hub.fetch)
  return {
    ably,
    hub,
    ...attempt,
    /** Says a sound message, and tells whether that came. */
    stillHears: async (channel: string) => {
      ably.channel(`at:${channel}`)?.said(lastMessage)
      await attempt.settle()
      return (attempt.frames() as { channel?: string; messages?: unknown[][] }[]).some(
        (frame) => frame?.channel === channel && frame.messages?.some?.((message) => message?.[1] === 'last'),
      )
    },
  }
}

const headersOf = (id: string) => ({ epoch: 'e', seq: 9, id, timestamp: 1, after: 'nothing that is here' })
const lastMessage = { name: 'said', clientId: 'hub-1', data: 'last', extras: { headers: headersOf('last') } }

const headers = fc.oneof(
  fc.record(
    {
      epoch: fc.constantFrom('e', 'f', undefined),
      seq: fc.nat(3),
      id: fc.constantFrom('m1', 'm2'),
      after: fc.constantFrom('m1', 'm2', '', undefined),
      timestamp: fc.nat(),
    },
    { requiredKeys: [] },
  ),
  damaged(fc.constant(headersOf('m1'))),
  fc.constant({ frame: 1 }),
  anyJson,
)
const data = fc.oneof(
  anyJson,
  damaged(
    fc.constant({ type: 'messages', channel: 'todos', epoch: 'e', messages: [[1, 'm1', 0, 'said', 1]] }),
  ),
  fc.constantFrom<unknown>(undefined, new ArrayBuffer(3), new Uint8Array(2)),
)
const said = fc.record({
  channel: fc.constantFrom('todos', 'notes'),
  message: fc.record({
    name: fc.oneof(fc.string(), anyJson),
    clientId: fc.constantFrom('hub-1', 'hub-1', 'hub-1', 'eve', undefined),
    data,
    extras: fc.oneof(
      { arbitrary: headers.map((each) => ({ headers: each })), weight: 5 },
      anyJson,
      fc.constant(undefined),
    ),
  }),
})

it('what the hub says over Ably goes on as a frame or in one, and what others say does not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(said, { minLength: 1, maxLength: 10 }), async (all) => {
      const { ably, errors, frames, hub, stillHears, settle, end } = await start()
      expect(hub.received).toEqual(offlineJoins)
      const before = frames().length
      for (const { channel, message } of all) ably.channel(`at:${channel}`)?.said(structuredClone(message))
      await settle()
      const brought = frames().slice(before) as { messages?: readonly unknown[] }[]
      const headersIn = ({ message }: (typeof all)[0]) =>
        (message.extras as { headers?: { frame?: unknown } } | undefined)?.headers
      const wanted = all.filter((each) => each.message.clientId === 'hub-1' && headersIn(each))
      const asFrames = wanted.filter((each) => headersIn(each)?.frame)
      expect(brought.length).toBeGreaterThanOrEqual(asFrames.length)
      expect(brought.length).toBeLessThanOrEqual(wanted.length)
      expect(errors).toEqual([])
      expect(await stillHears('todos')).toBe(true)
      expect(await stillHears('notes')).toBe(true)
      expect(await end()).toBe(0)
    }),
    { numRuns: 150, seed: 4 },
  )
})

const odd = fc.oneof(fc.string(), fc.double(), fc.constantFrom<unknown>(null, undefined, [], {}))
/** As the SDK makes them of what Ably sends. */
const reason = fc.oneof(
  fc.constantFrom(undefined, null),
  fc
    .tuple(
      fc.string(),
      fc.oneof(fc.constantFrom(40_140, 40_160, 80_019, 90_007, 90_010), fc.integer()),
      fc.constantFrom(401, 403, 429, 500, 0, -1),
    )
    .map(([message, code, statusCode]) => new ErrorInfo(message, code, statusCode)),
  fc.tuple(odd, odd).map(([code, statusCode]) => new ErrorInfo('odd', code as number, statusCode as number)),
)
const states = fc.constantFrom(
  'attached',
  'attaching',
  'suspended',
  'detached',
  'failed',
  'connected',
  'disconnected',
  'connecting',
  'closed',
  'a state of tomorrow',
)
const change = fc.record({ current: states, reason, resumed: fc.boolean() })

it('a channel that changes in any way for any reason ends the attempt with an error of its own, or it goes on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
      const { ably, errors, frames, stillHears, settle, end } = await start()
      for (const each of changes) {
        ably.channel('at:notes')?.becomes(each)
        await settle()
      }
      if (goesOn(errors)) {
        expect(await stillHears('todos')).toBe(true)
        // What has failed is attached again, with another token.
        expect(await stillHears('notes')).toBe(true)
        expect((frames() as { type: string }[]).filter(({ type }) => type === 'refused')).toEqual([])
      }
      expect(await end()).toBe(0)
    }),
    { numRuns: 150, seed: 4 },
  )
})

it('a connection that changes in any way for any reason ends the attempt with an error of its own, or it goes on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const { ably, errors, stillHears, settle, end } = await start()
      for (const each of changes) {
        ably.becomes(each)
        await settle()
      }
      if (goesOn(errors)) expect(await stillHears('todos')).toBe(true)
      expect(await end()).toBe(0)
    }),
    { numRuns: 100, seed: 4 },
  )
})

it('whatever answers in the place of the hub ends the attempt with an error of its own, or it goes on', async () => {
  const opened = {
    session: 's',
    wake: 'w',
    heartbeat: 15_000,
    provider: { hub: 'hub-1', wake: 'at:$wake:w' },
    frames: [],
  }
  const token = {
    token: { token: 'signed' },
    granted: [
      ['todos', 'at:todos'],
      ['notes', 'at:notes'],
    ],
  }
  const answers = fc.oneof(
    fc.record({ '/token': fc.oneof(damaged(fc.constant(token)), anyJson, fc.constant(undefined)) }),
    fc.oneof(anyJson, fc.constant(undefined)).map((provider) => ({ '': { ...opened, provider } })),
    fc.record({
      '/send': fc.oneof(
        fc
          .array(fc.oneof(anyJson, damaged(fc.constant({ type: 'refused', channel: 'notes' }))))
          .map((frames) => ({ frames })),
        anyJson,
      ),
    }),
  )
  await fc.assert(
    fc.asyncProperty(answers, async (given) => {
      const { errors, hub, open, stillHears, end } = await start(given)
      if (goesOn(errors) && open() && '/send' in given) {
        expect(hub.received).toEqual(offlineJoins)
        expect(await stillHears('todos')).toBe(true)
      }
      expect(await end()).toBe(0)
    }),
    { numRuns: 200, seed: 4 },
  )
})
