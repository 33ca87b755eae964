import { defineChannel, type } from '@syncline/core'
import { createVirtualTime } from '@syncline/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { createTestHub } from '../testing/test-hub.ts'
import type { TestPeer } from '../testing/test-peer.ts'

const feed = defineChannel('feed', {
  snapshot: type<readonly string[]>(),
  events: { added: type<string>() },
})
interface Work {
  readonly id: string
  readonly takes: number
}
const work = defineChannel('work/:id', {
  events: {},
  mutations: {
    do: { input: type<Work>(), output: type<null>() },
    own: { input: type<Work>(), output: type<null>() },
  },
})

/** A hub where mutations of `work/…` change what `feed` shows. */
const start = (
  reading: number,
  within: (item: Work) => 'early' | 'late' = () => 'early',
  makeStore: (pause: (ms: number) => Promise<void>) => HubStore = () => memoryStore() as HubStore,
) => {
  const time = createVirtualTime()
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => void time.environment.setTimer(ms, resolve))
  const list: string[] = []
  const made = createTestHub({ time, store: makeStore(pause) })
  made.hub.serve(feed, {
    snapshot: async () => {
      await pause(reading / 2)
      const state = [...list]
      await pause(reading / 2)
      return state
    },
  })
  made.hub.serve(work, {
    mutations: {
      do: async ({ input, publish }) => {
        if (within(input) === 'late') await pause(input.takes / 2)
        list.push(input.id)
        await pause(input.takes / 2)
        publish.to(feed, 'added', input.id)
        return null
      },
      own: async ({ input }) => {
        await pause(input.takes)
        return null
      },
    },
  })
  return { ...made, list }
}

const write = (n: number, client: string, item: Work, name = 'do') => ({
  type: 'writes' as const,
  channel: `work/${client}`,
  client,
  generation: 1,
  answered: 0,
  writes: [[n, `${client}-${n}`, 'mutate', name, item, 1]] as const,
})
const joinFeed = { type: 'join', channel: 'feed', snapshot: true } as const

/** What a client shows: the state it started from and every message since. */
const shown = (peer: TestPeer): readonly unknown[] | undefined => {
  const [joined] = peer.all('joined')
  if (!joined?.snapshot) return undefined
  const messages = [joined, ...peer.all('messages')].flatMap((frame) => frame.messages)
  return [...(joined.snapshot.state as string[]), ...messages.map((message) => message[4])]
}

describe('a snapshot that handlers of other channels touch', () => {
  it('never has an effect that comes as a message too', async () => {
    const { client, time } = start(0)
    const [writer, reader] = [await client({ client: 'a' }), await client({ client: 'b' })]
    writer.send(write(1, 'a', { id: 'x', takes: 50 }))
    await time.advance(10)
    reader.send(joinFeed)
    await time.advance(200)
    expect(shown(reader)).toEqual(['x'])
  })

  it('is whole in whatever order things happen', async () => {
    const delay = fc.integer({ min: 0, max: 60 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ who: fc.integer({ min: 0, max: 2 }), takes: delay, after: delay }), {
          maxLength: 12,
        }),
        fc.array(delay, { minLength: 1, maxLength: 4 }),
        delay,
        async (acts, joins, reading) => {
          const { client, time, list, hub } = start(reading, ({ id }) => (id.length % 2 ? 'late' : 'early'))
          const writers = [
            await client({ client: '0' }),
            await client({ client: '1' }),
            await client({ client: '2' }),
          ]
          const sent = [0, 0, 0]
          const readers: TestPeer[] = []
          const act = async (index: number) => {
            const { who, takes, after } = acts[index]!
            const n = ++sent[who]!
            writers[who]!.send(write(n, String(who), { id: `${who}.${n}`.padEnd(3 + (n % 2), ' '), takes }))
            await time.advance(after)
          }
          for (let index = 0; index < Math.max(acts.length, joins.length); index++) {
            if (index < acts.length) await act(index)
            if (index >= joins.length) continue
            const reader = await client({ client: `reader ${index}`, frames: [joinFeed] })
            readers.push(reader)
            await time.advance(joins[index]!)
          }
          await time.advance(5_000)
          for (const reader of readers) expect([...(shown(reader) ?? [])].sort()).toEqual([...list].sort())
          const closing = hub.close({ within: 0 })
          await time.advance(20)
          await closing
        },
      ),
      { numRuns: 60 },
    )
  })

  it('does not wait for ever for a handler that only might', async () => {
    const { client, time } = start(0)
    const [writer, reader] = [await client({ client: 'a' }), await client({ client: 'b' })]
    writer.send(write(1, 'a', { id: 'x', takes: 9_000 }, 'own'))
    await time.settle()
    reader.send(joinFeed)
    await time.advance(1_000)
    expect(shown(reader)).toEqual([])
  })

  it('says when to ask again where a handler hangs that is known to touch it', async () => {
    const { client, time } = start(0)
    const [writer, reader] = [await client({ client: 'a' }), await client({ client: 'b' })]
    writer.send(write(1, 'a', { id: 'x', takes: 0 }))
    await time.advance(10)
    writer.send(write(2, 'a', { id: 'y', takes: 9_000 }))
    await time.advance(10)
    reader.send(joinFeed)
    await time.advance(1_000)
    expect(reader.last('snapshot').error?.code).toBe('snapshot-failed')
    await time.advance(9_000)
    reader.send({ type: 'snapshot', channel: 'feed' })
    await time.advance(10)
    expect(reader.last('snapshot')).toMatchObject({ state: ['x', 'y'], position: { seq: 2 } })
  })

  it('never has what the backend publishes just then, either', async () => {
    const { client, time, hub, list } = start(0)
    const reader = await client({ client: 'b', frames: [joinFeed] })
    list.push('x')
    void hub.publish(feed, 'added', 'x')
    await time.advance(10)
    expect(shown(reader)).toEqual(['x'])
  })

  it('never has what a slow store has taken and not yet said', async () => {
    const { client, time, hub, list } = start(
      0,
      () => 'early',
      (pause) => {
        const store = memoryStore() as HubStore
        const commit: HubStore['commit'] = async (group) => {
          const outcomes = await store.commit(group)
          if (group.length > 0) await pause(1_500)
          return outcomes
        }
        return { ...store, db: undefined, commit }
      },
    )
    await client({ client: 'a', frames: [joinFeed] })
    await time.advance(10)
    list.push('x')
    void hub.publish(feed, 'added', 'x')
    await time.advance(10)
    const reader = await client({ client: 'b', frames: [joinFeed] })
    await time.advance(10_000)
    expect(shown(reader)).toEqual(['x'])
  })

  it('never has what the backend publishes while it is read again and again', async () => {
    const { client, time, hub, list } = start(20)
    const reader = await client({ client: 'b', frames: [joinFeed] })
    for (let count = 0; count < 6; count++) {
      await time.advance(8)
      list.push(String(count))
      void hub.publish(feed, 'added', String(count))
      await time.advance(12)
    }
    await time.advance(100)
    expect(shown(reader)).toEqual(list)
  })

  it('is there although the backend publishes all the time', async () => {
    const { client, time, hub, list } = start(20)
    const reader = await client({ client: 'b', frames: [joinFeed] })
    for (let count = 0; count < 50; count++) {
      list.push(String(count))
      void hub.publish(feed, 'added', String(count))
      await time.advance(5)
    }
    // What it changes during a read cannot be told from what it changed before: nothing is missing, at least.
    expect(new Set(shown(reader))).toEqual(new Set(list))
  })
})
