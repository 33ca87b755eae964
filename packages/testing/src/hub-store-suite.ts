import { type Effect, SynclineError } from '@syncline/core'
import type { Commit, CommitOutcome, HubStore, NewMessage, StoredAnswer, StreamKey } from '@syncline/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createVirtualTime, type VirtualTime } from './virtual-time.ts'

/** One store under test, with data of its own. */
export interface HubStoreFixture<Db> {
  /**
   * A store on the fixture's data. A durable store gives a new object for each call, as another process
   * would; one in memory gives the same.
   */
  create(): HubStore<Db>
  dispose?(): Promise<void> | void
}

const key: StreamKey = { subject: 'ada', client: 'laptop', channel: 'todos', generation: 1 }

const message = (id: string, timestamp = 0, encode = (seq: number) => `[${seq},"${id}"]`): NewMessage => ({
  id,
  timestamp,
  encode,
})

const append = (channel: string, ...ids: string[]): Commit<never> => ({
  plan: () => ({ appends: [{ channel, messages: ids.map((id) => message(id)) }] }),
})

const accepted = (n: number) => ({
  answer: (effects: readonly Effect[]): StoredAnswer => ({
    n,
    id: `w${n}`,
    hash: `h${n}`,
    outcome: { type: 'accepted', result: JSON.stringify({ n }), effects },
  }),
})

/** Write `n` of a stream, which appends one message. */
const write = (n: number, answered = 0, stream = key): Commit<never> => ({
  plan: () => ({
    appends: [{ channel: stream.channel, messages: [message(`m${n}`)] }],
    stream: { key: stream, n, answered, ...accepted(n) },
  }),
})

const failing = (error: unknown): Commit<never> => ({
  plan: () => {
    throw error
  },
})

const codeOf = (error: unknown): unknown => (error instanceof SynclineError ? error.code : error)
const refusal = (outcome: CommitOutcome | undefined): unknown =>
  outcome?.ok === false ? codeOf(outcome.error) : 'ok'

/**
 * The contract of a hub store, as tests: every store runs it.
 *
 * @example
 * hubStoreSuite('memoryStore', () => {
 *   const store = memoryStore()
 *   return { create: () => store }
 * })
 */
export const hubStoreSuite = <Db>(
  name: string,
  createFixture: () => HubStoreFixture<Db> | Promise<HubStoreFixture<Db>>,
): void => {
  describe(`hub store contract: ${name}`, () => {
    let time: VirtualTime
    let fixture: HubStoreFixture<Db>
    let store: HubStore<Db>
    const opened: HubStore<Db>[] = []

    const open = async (): Promise<HubStore<Db>> => {
      const next = fixture.create()
      await next.open(time.environment)
      opened.push(next)
      return next
    }
    const reopen = async (): Promise<void> => {
      await store.close()
      store = await open()
    }
    const ids = async (channel: string, after = 0, limit = 100, bytes = 1e6): Promise<string[]> =>
      (await store.read(channel, after, limit, bytes)).map(({ id }) => id)
    const lastOf = async (stream: StreamKey = key): Promise<number | undefined> =>
      (await store.stream(stream))?.last

    beforeEach(async () => {
      time = createVirtualTime({ start: 1_000_000 })
      fixture = await createFixture()
      store = await open()
    })
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((each) => each.close()))
      await fixture.dispose?.()
    })

    test('a channel begins empty, with an epoch of its own that stays', async () => {
      const first = await store.channel('todos')
      expect(first).toEqual({ head: { epoch: expect.any(String), seq: 0, id: '' }, oldest: 1 })
      expect(first.head.epoch).not.toBe('')
      expect(await store.channel('todos')).toEqual(first)
      expect((await store.channel('board/42')).head.epoch).not.toBe(first.head.epoch)
      await store.commit([append('todos', 'a')])
      expect((await store.channel('todos')).head).toEqual({ epoch: first.head.epoch, seq: 1, id: 'a' })
    })

    test('channels that are asked for at once have one epoch', async () => {
      const records = await Promise.all([
        store.channel('todos'),
        store.channel('todos'),
        store.channel('todos'),
      ])
      expect(new Set(records.map(({ head }) => head.epoch)).size).toBe(1)
      const [outcome] = await store.commit([append('todos', 'a')])
      expect(outcome).toMatchObject({ ok: true, appended: [{ epoch: records[0]!.head.epoch }] })
    })

    test('messages get contiguous places in the order of the group', async () => {
      const outcomes = await store.commit([
        append('todos', 'a', 'b'),
        append('board', 'x'),
        append('todos', 'c'),
      ])
      const { epoch } = (await store.channel('todos')).head
      expect(outcomes[2]).toEqual({
        ok: true,
        appended: [
          { channel: 'todos', epoch, messages: [{ epoch, seq: 3, id: 'c', timestamp: 0, json: '[3,"c"]' }] },
        ],
        answer: undefined,
      })
      expect(await store.read('todos', 0, 10, 1e6)).toEqual([
        { epoch, seq: 1, id: 'a', timestamp: 0, json: '[1,"a"]' },
        { epoch, seq: 2, id: 'b', timestamp: 0, json: '[2,"b"]' },
        { epoch, seq: 3, id: 'c', timestamp: 0, json: '[3,"c"]' },
      ])
      expect(await ids('board')).toEqual(['x'])
    })

    test('a channel named twice in one plan goes on where it was', async () => {
      const messages = (id: string) => ({ channel: 'todos', messages: [message(id)] })
      const both = { appends: [messages('a'), { channel: 'board', messages: [message('x')] }, messages('b')] }
      const [outcome] = await store.commit([
        { plan: () => ({ ...both, stream: { key, n: 1, answered: 0, ...accepted(1) } }) },
      ])
      expect((await store.read('todos', 0, 10, 1e6)).map(({ seq, id }) => [seq, id])).toEqual([
        [1, 'a'],
        [2, 'b'],
      ])
      const effects =
        outcome?.ok && outcome.answer?.outcome.type === 'accepted' ? outcome.answer.outcome.effects : []
      expect(effects.map(({ channel, position }) => [channel, position.seq])).toEqual([
        ['todos', 2],
        ['board', 1],
      ])
    })

    test('text comes back as it was, whatever it holds', async () => {
      const json = JSON.stringify([1, 'é \u2028 \u0000 💚 \ud800', "it's"])
      const [first] = await store.commit([
        { plan: () => ({ appends: [{ channel: "o'hara/💚", messages: [message('a', 5, () => json)] }] }) },
      ])
      expect(first?.ok && first.appended[0]?.messages[0]?.json).toBe(json)
      expect(await store.at("o'hara/💚", 1)).toMatchObject({ id: 'a', timestamp: 5, json })
    })

    test('an empty plan and an empty group commit nothing', async () => {
      expect(await store.commit([])).toEqual([])
      expect(
        await store.commit([{ plan: () => ({ appends: [{ channel: 'todos', messages: [] }] }) }]),
      ).toEqual([{ ok: true, appended: [], answer: undefined }])
      expect(await store.channels()).toEqual([])
    })

    test('at finds one message, and nothing outside the log', async () => {
      await store.commit([append('todos', 'a', 'b')])
      expect(await store.at('todos', 2)).toMatchObject({ seq: 2, id: 'b' })
      expect(await store.at('todos', 0)).toBeUndefined()
      expect(await store.at('todos', 3)).toBeUndefined()
      expect(await store.at('nobody', 1)).toBeUndefined()
    })

    test('read pages by count and by size, with at least one message', async () => {
      await store.commit([append('todos', 'a', 'b', 'c', 'd')])
      expect(await ids('todos', 0, 2)).toEqual(['a', 'b'])
      expect(await ids('todos', 2, 2)).toEqual(['c', 'd'])
      expect(await ids('todos', 1, 10, 14)).toEqual(['b', 'c'])
      expect(await ids('todos', 1, 10, 1)).toEqual(['b'])
      expect(await ids('todos', 4)).toEqual([])
      expect(await ids('todos', 99)).toEqual([])
      expect(await ids('nobody')).toEqual([])
    })

    test('channels lists those with messages', async () => {
      await store.channel('empty')
      await store.commit([append('todos', 'a', 'b'), append('board', 'x')])
      const listed = new Map((await store.channels()).map(([channel, { head }]) => [channel, head.seq]))
      expect(listed).toEqual(
        new Map([
          ['todos', 2],
          ['board', 1],
        ]),
      )
    })

    test.each([false, true])('a plan that throws is left out alone (isolated: %s)', async (isolated) => {
      const error = new Error('no')
      const group = [append('todos', 'a'), failing(error), append('todos', 'b')].map((each) => ({
        ...each,
        isolated,
      }))
      const outcomes = await store.commit(group)
      expect(outcomes[1]).toEqual({ ok: false, error })
      expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true])
      expect((await store.read('todos', 0, 10, 1e6)).map(({ seq, id }) => [seq, id])).toEqual([
        [1, 'a'],
        [2, 'b'],
      ])
    })

    test('what cannot be encoded leaves nothing behind', async () => {
      const circular = new TypeError('circular')
      const bad = message('b', 0, () => {
        throw circular
      })
      const stream = { key, n: 1, answered: 0, ...accepted(1) }
      const outcomes = await store.commit([
        { plan: () => ({ appends: [{ channel: 'todos', messages: [message('a'), bad] }], stream }) },
        {
          plan: () => ({
            appends: [{ channel: 'todos', messages: [message('c')] }],
            stream: {
              ...stream,
              answer: () => {
                throw circular
              },
            },
          }),
        },
        append('todos', 'd'),
      ])
      expect(outcomes.slice(0, 2)).toEqual([
        { ok: false, error: circular },
        { ok: false, error: circular },
      ])
      expect((await store.read('todos', 0, 10, 1e6)).map(({ seq, id }) => [seq, id])).toEqual([[1, 'd']])
      expect(await store.stream(key)).toBeUndefined()
    })

    test('an answer commits with its messages and knows where they are', async () => {
      expect(await store.stream(key)).toBeUndefined()
      const [outcome] = await store.commit([write(1)])
      const { epoch } = (await store.channel('todos')).head
      const outcomeOf1 = {
        type: 'accepted',
        result: '{"n":1}',
        effects: [{ channel: 'todos', position: { epoch, seq: 1 } }],
      }
      expect(outcome).toMatchObject({ ok: true, answer: { n: 1, outcome: outcomeOf1 } })
      expect(await store.stream(key)).toEqual({
        last: 1,
        answers: [{ n: 1, id: 'w1', hash: 'h1', outcome: outcomeOf1 }],
      })
    })

    test('a rejection is kept like an answer, and takes its number', async () => {
      const rejection: StoredAnswer = {
        n: 1,
        id: 'w1',
        hash: 'h1',
        outcome: { type: 'rejected', error: { code: 'rejected', detail: 'no', issues: [{ message: 'x' }] } },
      }
      await store.commit([
        { plan: () => ({ appends: [], stream: { key, n: 1, answered: 0, answer: () => rejection } }) },
      ])
      expect(await store.stream(key)).toEqual({ last: 1, answers: [rejection] })
      expect(refusal((await store.commit([write(2)]))[0])).toBe('ok')
    })

    test('answers are kept until the client has them', async () => {
      await store.commit([write(1), write(2), write(3)])
      expect((await store.stream(key))?.answers.map(({ n }) => n)).toEqual([1, 2, 3])
      await store.commit([write(4, 2)])
      expect((await store.stream(key))?.answers.map(({ n }) => n)).toEqual([3, 4])
      await store.commit([write(5, 4), write(6, 1)])
      expect((await store.stream(key))?.answers.map(({ n }) => n)).toEqual([5, 6])
      expect(await lastOf()).toBe(6)
    })

    test('no commit forgets its own answer, whatever the client claims to have', async () => {
      await store.commit([write(1, 9), write(2, 9)])
      expect((await store.stream(key))?.answers.map(({ n }) => n)).toEqual([2])
      await store.commit([write(3, 0)])
      expect((await store.stream(key))?.answers.map(({ n }) => n)).toEqual([2, 3])
    })

    test('a number that is not the next one commits nothing', async () => {
      const outcomes = await store.commit([write(2), write(1), write(1), write(3), write(2)])
      expect(outcomes.map(refusal)).toEqual(['wrong-number', 'ok', 'wrong-number', 'wrong-number', 'ok'])
      expect(await ids('todos')).toEqual(['m1', 'm2'])
    })

    test('streams differ by each part of their key', async () => {
      const keys: StreamKey[] = [
        key,
        { ...key, subject: 'bob' },
        { ...key, client: 'phone' },
        { ...key, channel: 'board' },
        { ...key, generation: 2 },
        { ...key, subject: 'ad', client: 'alaptop' },
        { ...key, client: 'laptopto', channel: 'dos' },
      ]
      await store.commit(keys.map((each) => write(1, 0, each)))
      await store.commit([write(2)])
      expect(await Promise.all(keys.map(lastOf))).toEqual([2, 1, 1, 1, 1, 1, 1])
    })

    test('trim keeps the newest by count, for each channel as it says', async () => {
      await store.commit([append('todos', 'a', 'b', 'c', 'd'), append('board', 'x', 'y')])
      const { head } = await store.channel('todos')
      await store.trim((channel) => ({ count: channel === 'todos' ? 2 : 9, age: 1e9 }), 1e9)
      expect(await store.channel('todos')).toEqual({ head, oldest: 3 })
      expect(await ids('todos')).toEqual(['c', 'd'])
      expect(await ids('board')).toEqual(['x', 'y'])
      expect(await store.at('todos', 2)).toBeUndefined()
      expect(await store.at('todos', 3)).toMatchObject({ id: 'c' })
    })

    test('trim drops what is too old, and the log goes on after its head', async () => {
      const at = (id: string, timestamp: number): Commit<never> => ({
        plan: () => ({ appends: [{ channel: 'todos', messages: [message(id, timestamp)] }] }),
      })
      await store.commit([at('a', 990_000), at('b', 999_000), at('c', 1_000_000)])
      await store.trim(() => ({ count: 100, age: 5_000 }), 1e9)
      expect(await ids('todos')).toEqual(['b', 'c'])
      await time.advance(60_000)
      await store.trim(() => ({ count: 100, age: 5_000 }), 1e9)
      const { head, oldest } = await store.channel('todos')
      expect([head.seq, head.id, oldest]).toEqual([3, 'c', 4])
      await store.commit([append('todos', 'd')])
      expect(await store.at('todos', 4)).toMatchObject({ seq: 4, id: 'd' })
      expect(await store.channel('todos')).toMatchObject({ head: { epoch: head.epoch, seq: 4 }, oldest: 4 })
    })

    test('trim forgets streams that were not used for long', async () => {
      const phone = { ...key, client: 'phone' }
      await store.commit([write(1), write(1, 0, phone)])
      await time.advance(10_000)
      await store.commit([write(2)])
      await store.trim(() => ({ count: 100, age: 1e9 }), 10_000)
      expect([await lastOf(), await lastOf(phone)]).toEqual([2, 1])
      await time.advance(1)
      await store.trim(() => ({ count: 100, age: 1e9 }), 10_000)
      expect([await lastOf(), await lastOf(phone)]).toEqual([2, undefined])
      expect(refusal((await store.commit([write(1, 0, phone)]))[0])).toBe('ok')
      expect((await store.stream(phone))?.answers.map(({ n }) => n)).toEqual([1])
    })

    test('a cursor begins at 0 and belongs to one gateway and channel', async () => {
      expect(await store.cursor('pusher', 'todos')).toBe(0)
      await store.setCursor('pusher', 'todos', 7)
      expect(await store.cursor('pusher', 'todos')).toBe(7)
      expect(await store.cursor('ably', 'todos')).toBe(0)
      expect(await store.cursor('pusher', 'board')).toBe(0)
    })

    test('a store that is not open refuses', async () => {
      await store.close()
      await store.close()
      const code = async (call: () => Promise<unknown>): Promise<unknown> => call().then(() => 'ok', codeOf)
      expect(await code(() => store.channel('todos'))).toBe('store-unavailable')
      expect(await code(() => store.commit([append('todos', 'a')]))).toBe('store-unavailable')
      expect(await code(() => store.read('todos', 0, 1, 1))).toBe('store-unavailable')
      expect(await code(() => store.stream(key))).toBe('store-unavailable')
    })

    test('everything is there after a close and a new open', async () => {
      await store.commit([write(1), write(2), append('board', 'x')])
      await store.setCursor('pusher', 'todos', 2)
      const before = [
        await store.channel('todos'),
        await store.read('todos', 0, 9, 1e6),
        await store.stream(key),
      ]
      await reopen()
      expect([
        await store.channel('todos'),
        await store.read('todos', 0, 9, 1e6),
        await store.stream(key),
      ]).toEqual(before)
      expect(await store.cursor('pusher', 'todos')).toBe(2)
      expect((await store.commit([write(2), write(3)])).map(refusal)).toEqual(['wrong-number', 'ok'])
      expect(await ids('todos')).toEqual(['m1', 'm2', 'm3'])
    })

    test('what commits at the same time does not mix', async () => {
      const groups = Array.from({ length: 20 }, (_, g) => [
        append('todos', `${g}a`, `${g}b`),
        append('todos', `${g}c`),
      ])
      await Promise.all(groups.map((group) => store.commit(group)))
      const log = await store.read('todos', 0, 100, 1e6)
      expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
      for (let i = 0; i < 60; i += 3) {
        const group = log[i]!.id.slice(0, -1)
        expect(log.slice(i, i + 3).map(({ id }) => id)).toEqual([`${group}a`, `${group}b`, `${group}c`])
      }
    })

    test('of two hubs on one durable store the older is fenced off', async ({ skip }) => {
      if (!store.durable) skip('lives in one process')
      await store.commit([append('todos', 'a')])
      const older = store
      const newer = await open()
      expect(await older.commit([append('todos', 'b')]).catch(codeOf)).toBe('fenced')
      expect((await newer.commit([append('todos', 'c')])).map(refusal)).toEqual(['ok'])
      expect(await older.commit([append('todos', 'd')]).catch(codeOf)).toBe('fenced')
      store = newer
      expect(await ids('todos')).toEqual(['a', 'c'])
    })
  })
}
