import { createClient, SynclineError } from '@syncline/core'
import type { PlainMember } from '@syncline/core/plain'
import { createVirtualTime } from '@syncline/testing'
import { anyJson, damaged } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { plainPusher } from '../src/plain/index.ts'
import { createOfflineSdk } from './offline.ts'

/** A client that listens to events of a public and of a presence channel. */
const start = async () => {
  const { sdk, say } = createOfflineSdk({ ada: { name: 'Ada' } })
  const time = createVirtualTime()
  const client = createClient({
    environment: time.environment,
    transport: plainPusher({
      key: 'key',
      sdk,
      channelAuthorization: {
        customHandler: (_, done) => done(null, { auth: 'key:signed', channel_data: '{"user_id":"ada"}' }),
      },
    }),
  })
  const seen: unknown[] = []
  const errors: unknown[] = []
  const changed: unknown[] = []
  let members: readonly PlainMember[] | undefined
  client.errors$.subscribe((error) => errors.push(error))
  client.plain('presence-todos').presence.changes$.subscribe(({ member }) => changed.push(member.id))
  for (const name of ['todos', 'presence-todos'] as const)
    client.plain(name).on('created', (data) => seen.push([name, data]))
  client.plain('presence-todos').presence.members$.subscribe((all) => {
    members = all
  })
  await time.settle()
  return {
    client,
    seen,
    errors,
    changed,
    say,
    members: () => members,
    settle: time.settle,
    end: async () => {
      client.close()
      await time.settle()
      return time.timers
    },
  }
}

const refusal = fc.oneof(
  damaged(fc.constant({ type: 'AuthError', error: 'No.', status: 401 })),
  fc.record({ error: fc.oneof(anyJson, fc.constant({ toString: null })), status: anyJson }),
  anyJson,
)
const said = fc.record({
  channel: fc.constantFrom('todos', 'presence-todos', 'of-others'),
  event: fc.oneof(
    fc.constantFrom(
      'created',
      'pusher:subscription_error',
      'pusher:member_added',
      'pusher:member_removed',
      'pusher:subscription_succeeded',
      'pusher:cache_miss',
      'client-created',
      '__proto__',
    ),
    fc.string(),
  ),
  data: fc.oneof(anyJson, refusal, damaged(fc.constant({ id: 'bob', info: { name: 'Bob' } }))),
})

it('whatever Pusher says, what is listened to comes as it is, and a refusal is told with a code', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(said, { minLength: 1, maxLength: 10 }), async (all) => {
      const { client, seen, errors, changed, say, members, settle, end } = await start()
      for (const each of all) say(each)
      say({ channel: 'todos', event: 'created', data: 'last' })
      await settle()
      const wanted = all.filter(({ channel, event }) => event === 'created' && channel !== 'of-others')
      expect(seen).toEqual([...wanted.map(({ channel, data }) => [channel, data]), ['todos', 'last']])
      const refused = all.filter(
        ({ channel, event }) => event === 'pusher:subscription_error' && channel !== 'of-others',
      )
      expect(errors).toHaveLength(refused.length)
      for (const [index, error] of errors.entries()) {
        expect(error).toBeInstanceOf(SynclineError)
        expect(error).toMatchObject({ channel: refused[index]?.channel })
        expect((error as SynclineError).code).toMatch(/^(transport-failed|forbidden|invalid-channel)$/)
      }
      // Only Pusher's own list says who is there.
      expect(members()).toEqual([{ id: 'ada', data: { name: 'Ada' }, me: true }])
      expect(changed.every((id) => typeof id === 'string')).toBe(true)
      expect(client.status$.get()).toEqual({ at: 'connected' })
      expect(await end()).toBe(0)
    }),
    { numRuns: 150, seed: 4 },
  )
})
