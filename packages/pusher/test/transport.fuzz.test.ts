import { goesOn, offlineJoins, startOfflineAttempt } from '@syncline/testing/adapter'
import { anyJson, damaged } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { pusher } from '../src/index.ts'
import { createAnsweringHub, createOfflineSdk } from './offline.ts'

const last = { type: 'pong' }

/** An attempt on pusher-js and a hub, both without a network. */
const start = async (answers?: Readonly<Record<string, unknown>>) => {
  const { sdk, say, tell } = createOfflineSdk()
  const hub = createAnsweringHub(answers)
  const attempt = await startOfflineAttempt(pusher('http://hub', { key: 'key', sdk }), hub.fetch)
  return { say, tell, hub, ...attempt }
}

const said = fc.record({
  channel: fc.oneof(
    { arbitrary: fc.constantFrom('private-syncline-todos', 'private-syncline-notes'), weight: 3 },
    fc.constantFrom('private-syncline_wake-w', 'private-syncline-of-others'),
  ),
  event: fc.oneof(
    { arbitrary: fc.constant('syncline'), weight: 3 },
    fc.constantFrom(
      'pusher:subscription_succeeded',
      'pusher:subscription_count',
      'pusher:cache_miss',
      'pusher:error',
      'client-syncline',
      'toString',
      '__proto__',
    ),
    fc.string(),
  ),
  data: anyJson,
})

it('what Pusher says on a channel goes on as it is if it is a frame, and nothing else does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(said, { minLength: 1, maxLength: 10 }), async (all) => {
      const { say, frames, errors, hub, settle, end } = await start()
      expect(hub.received).toEqual(offlineJoins)
      const [welcome] = frames()
      for (const each of all) say(each)
      say({ event: 'syncline', channel: 'private-syncline-todos', data: last })
      await settle()
      const wanted = all.filter(
        ({ event, channel }) => event === 'syncline' && /^private-syncline-(todos|notes)$/.test(channel),
      )
      expect(errors).toEqual([])
      expect(frames()).toEqual([welcome, ...wanted.map(({ data }) => data), last])
      expect(await end()).toBe(0)
    }),
    { numRuns: 100, seed: 4 },
  )
})

it('a subscription that Pusher refuses in any words ends the attempt with an error of its own', async () => {
  const refusal = fc.oneof(
    damaged(fc.constant({ type: 'AuthError', error: 'No.', status: 401 })),
    fc.record({ error: fc.oneof(anyJson, fc.constant({ toString: null })), status: anyJson }),
    anyJson,
  )
  await fc.assert(
    fc.asyncProperty(refusal, said, async (data, after) => {
      const { say, errors, frames, settle, end } = await start()
      say({ event: 'pusher:subscription_error', channel: 'private-syncline-notes', data })
      const before = frames()
      say(after)
      await settle()
      expect(goesOn(errors)).toBe(false)
      expect(errors[0]).toHaveProperty('code', 'transport-failed')
      expect(frames()).toEqual(before)
      expect(await end()).toBe(0)
    }),
    { numRuns: 100, seed: 4 },
  )
})

/** What cannot be made a text. */
const noText = fc.constant({ toString: null })
const code = fc.oneof(
  noText,
  fc.constantFrom(4000, 4001, 4004, 4009, 4100, 4200, 4301, 1006, '4004'),
  anyJson,
)
const complaint = fc.record({
  type: fc.constantFrom('PusherError', 'WebSocketError', 'MessageParseError'),
  data: fc.record({ code, message: fc.oneof(fc.string(), noText, anyJson) }, { requiredKeys: [] }),
})
const told = fc.record({
  event: fc.constantFrom('error', 'error', 'error', 'closed', 'refused', 'backoff', 'retry', 'ping'),
  about: fc.oneof(
    complaint,
    damaged(complaint),
    complaint.map((error) => ({ error })),
    anyJson.map((error) => ({ error })),
  ),
})

it('whatever the connection to Pusher tells ends the attempt with an error of its own, or it goes on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(told, { minLength: 1, maxLength: 4 }), async (all) => {
      const { say, tell, errors, frames, settle, end } = await start()
      for (const { event, about } of all) {
        // Of an end pusher-js itself makes an object first.
        tell(event, event === 'error' ? about : { error: about })
        await settle()
      }
      const before = frames().length
      say({ event: 'syncline', channel: 'private-syncline-todos', data: last })
      expect(frames().slice(before)).toEqual(goesOn(errors) ? [last] : [])
      expect(await end()).toBe(0)
    }),
    { numRuns: 100, seed: 4 },
  )
})

it('whatever answers in the place of the hub ends the attempt with an error that is tried again, or it goes on', async () => {
  const signature = { name: 'private-syncline-todos', auth: 'key:signed' }
  const answers = fc.oneof(
    fc.record({
      '/authorize': fc.oneof(
        damaged(fc.constant({ channels: [signature, { error: { code: 'invalid-channel' } }] })),
        fc.array(anyJson).map((channels) => ({ channels })),
        anyJson,
        fc.constant(undefined),
      ),
    }),
    fc.record({
      '/sign-in': fc.oneof(
        damaged(
          fc.constant({
            user: { auth: 'key:signed', user_data: '{"id":"ada"}' },
            wake: { ...signature, name: 'private-syncline_wake-w' },
          }),
        ),
        anyJson,
        fc.constant(undefined),
      ),
    }),
    fc.record({
      '/send': fc.oneof(
        fc
          .array(fc.oneof(anyJson, damaged(fc.constant({ type: 'refused', channel: 'notes' }))))
          .map((frames) => ({
            frames,
          })),
        anyJson,
      ),
    }),
  )
  await fc.assert(
    fc.asyncProperty(answers, async (given) => {
      const { say, errors, frames, end, settle, open } = await start(given)
      expect(open()).toBe(true)
      const before = frames().length
      say({ event: 'syncline', channel: 'private-syncline-todos', data: last })
      await settle()
      if (goesOn(errors)) {
        if (!('/authorize' in given)) expect(frames().slice(before)).toEqual([last])
      } else {
        expect(errors[0]).not.toHaveProperty('code', 'provider-refused')
        expect(frames()).toHaveLength(before)
      }
      expect(await end()).toBe(0)
    }),
    { numRuns: 150, seed: 4 },
  )
})
