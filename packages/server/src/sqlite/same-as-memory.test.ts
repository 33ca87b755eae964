import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Commit, HubStore, StreamKey } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { sqliteStore } from './sqlite-store.ts'

const channels = ['todos', 'board/1', 'board/2']
const clients = ['laptop', 'phone']

/** A write as data, so that both stores get the same. */
interface Write {
  readonly appends: readonly (readonly [channel: string, ids: readonly string[]])[]
  readonly stream: { readonly client: string; readonly n: number; readonly answered: number } | undefined
  readonly fails: 'no' | 'plan' | 'encode'
  readonly isolated: boolean
}

type Step =
  | { readonly type: 'commit'; readonly group: readonly Write[] }
  | { readonly type: 'trim'; readonly count: number; readonly streamAge: number }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'reopen' }

const keyOf = (client: string): StreamKey => ({ subject: 'ada', client, channel: 'todos', generation: 1 })

const write: fc.Arbitrary<Write> = fc.record({
  appends: fc.array(
    fc.tuple(fc.constantFrom(...channels), fc.array(fc.string({ maxLength: 4 }), { maxLength: 3 })),
    {
      maxLength: 3,
    },
  ),
  stream: fc.option(
    fc.record({
      client: fc.constantFrom(...clients),
      n: fc.integer({ min: 1, max: 6 }),
      answered: fc.integer({ min: 0, max: 6 }),
    }),
    { nil: undefined },
  ),
  fails: fc.constantFrom('no', 'no', 'no', 'no', 'plan', 'encode'),
  isolated: fc.boolean(),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('commit'), group: fc.array(write, { maxLength: 5 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('trim'),
      count: fc.integer({ min: 0, max: 5 }),
      streamAge: fc.integer({ min: 0, max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('wait'), ms: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reopen') }) },
)

const commitOf = ({ appends, stream, fails, isolated }: Write, now: number): Commit<never> => ({
  isolated,
  plan: () => {
    if (fails === 'plan') throw new Error('plan')
    return {
      appends: appends.map(([channel, ids]) => ({
        channel,
        messages: ids.map((id) => ({
          id,
          timestamp: now,
          encode: (seq) => {
            if (fails === 'encode' && seq % 2 === 0) throw new Error('encode')
            return JSON.stringify([seq, id])
          },
        })),
      })),
      ...(stream && {
        stream: {
          key: keyOf(stream.client),
          n: stream.n,
          answered: stream.answered,
          answer: (effects) => ({
            n: stream.n,
            id: '',
            hash: '',
            outcome: { type: 'accepted', result: 'null', effects },
          }),
        },
      }),
    }
  },
})

/** Runs the steps and gives all that can be seen, with epochs by their channel's name. */
const run = async <Db>(create: () => HubStore<Db>, steps: readonly Step[]): Promise<unknown> => {
  let now = 1_000
  let ids = 0
  const environment = { now: () => now, id: () => `epoch-${++ids}` }
  let store = create()
  await store.open(environment)
  for (const channel of channels) await store.channel(channel)
  const seen: unknown[] = []
  for (const step of steps) {
    if (step.type === 'wait') now += step.ms
    else if (step.type === 'trim') await store.trim(() => ({ count: step.count, age: 15 }), step.streamAge)
    else if (step.type === 'commit')
      seen.push(await store.commit(step.group.map((each) => commitOf(each, now))))
    else {
      await store.close()
      store = create()
      await store.open(environment)
    }
    for (const channel of channels)
      seen.push(await store.channel(channel), await store.read(channel, 0, 100, 1e6))
    for (const client of clients) seen.push(await store.stream(keyOf(client)))
  }
  await store.close()
  return seen
}

test('whatever is done to them, the SQLite store shows what the memory store shows', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-'))
  let files = 0
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const memory = memoryStore()
        const file = join(folder, `${++files}.db`)
        expect(await run(() => sqliteStore(file), steps)).toEqual(await run(() => memory, steps))
      }),
      { numRuns: 30, seed: 7 },
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 30_000)
