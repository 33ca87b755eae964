import { createVirtualTime } from '@syncline/testing'
import { describe, expect, it } from 'vitest'
import { endOfTurn } from '../environment/hub-environment.ts'
import type { Commit, CommitOutcome, HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { type CommitJob, createCommitter } from './committer.ts'

const start = async (
  commit?: (group: readonly Commit<unknown>[]) => Promise<readonly CommitOutcome[]>,
  durable = false,
) => {
  const time = createVirtualTime()
  const store = memoryStore() as HubStore
  await store.open(time.environment)
  const events: string[] = []
  const groups: number[] = []
  const committer = createCommitter({
    store: {
      ...store,
      db: undefined,
      durable,
      commit: (group) => {
        groups.push(group.length)
        return (commit ?? store.commit)(group)
      },
    },
    endOfTurn,
    applied: (appended) => void events.push(`applied ${appended[0]?.messages[0]?.id}`),
    fanOut: () => void events.push('fan out'),
    answered: () => void events.push('answers'),
    broken: (_, count) => void events.push(`broken ${count}`),
    threw: () => void events.push('threw'),
  })
  const job = (id: string, extra: Partial<CommitJob> = {}): CommitJob => ({
    plan: () => ({
      appends: [{ channel: 'c', messages: [{ id, timestamp: 0, encode: (seq) => `[${seq}]` }] }],
    }),
    settled: ({ ok }) => void events.push(`${id} ${ok ? 'settled' : 'threw'}`),
    failed: () => void events.push(`${id} failed`),
    ...extra,
  })
  return { time, committer, events, groups, job }
}

describe('the committer', () => {
  it('puts a turn into one group: applied, fanned out, told, answered', async () => {
    const { time, committer, events, groups, job } = await start()
    committer.submit(job('a'))
    committer.submit(job('b'))
    await time.settle()
    expect(groups).toEqual([2])
    expect(events).toEqual(['applied a', 'applied b', 'fan out', 'a settled', 'b settled', 'answers'])
  })

  it.each([
    [
      'half of what waits, for many to share a sync,',
      true,
      10_000,
      [4_096, 2_952, 1_476, 738, 369, 185, 92, 64, 28],
    ],
    ['little at a time', false, 200, [64, 64, 64, 8]],
  ])('commits %s while clients work on what they were told', async (_, durable, count, sizes) => {
    const { committer, groups, job, events } = await start(undefined, durable)
    for (let n = 0; n < count; n++) committer.submit(job(`${n}`))
    await committer.idle()
    expect(groups).toEqual(sizes)
    const settled = events.filter((event) => event.endsWith('settled'))
    expect(settled).toEqual(Array.from({ length: count }, (_, n) => `${n} settled`))
  })

  it('fans nothing out of a group that the store refused, and goes on', async () => {
    const { time, committer, events, job } = await start(() => Promise.reject(new Error('disk full')))
    committer.submit(job('a'))
    committer.submit(job('b'))
    await time.settle()
    expect(events).toEqual(['broken 2', 'a failed', 'b failed', 'answers'])
    await committer.idle()
  })

  it('puts what is to be done again before what came later', async () => {
    const { time, committer, events, job } = await start()
    const throwing = job('x', {
      plan: () => {
        throw new Error('no')
      },
      settled: () => {
        committer.submit(job('later'))
        committer.again(job('again'))
      },
    })
    committer.submit(throwing)
    await time.settle()
    expect(events.filter((event) => event.startsWith('applied'))).toEqual(['applied again', 'applied later'])
  })

  it('goes on after a callback threw, and tells the others', async () => {
    const { time, committer, events, job } = await start()
    const threw = () => {
      throw new Error('a bug')
    }
    committer.submit(job('a', { settled: threw }))
    committer.submit(job('b'))
    await time.settle()
    expect(events).toEqual(['applied a', 'applied b', 'fan out', 'threw', 'b settled', 'answers'])
    committer.submit(job('c'))
    await committer.idle()
    expect(events).toContain('c settled')
  })

  it('is idle once nothing waits', async () => {
    const { committer, events, job } = await start()
    committer.submit(job('a'))
    await committer.idle()
    expect(events.at(-1)).toBe('answers')
    await committer.idle()
  })
})
