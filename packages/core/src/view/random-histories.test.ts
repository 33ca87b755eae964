import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ChannelOccurrence } from '../channel/channel.ts'
import { createLogUnderTest } from '../channel/testing/hub-model.ts'
import { createViewUnderTest, StorageModel } from './testing/view-under-test.ts'

type Step =
  | { readonly do: 'publish'; readonly count: number }
  | { readonly do: 'deliver'; readonly count: number }
  | { readonly do: 'duplicate' | 'swap' | 'drop'; readonly at: number }
  | {
      readonly do:
        | 'cut'
        | 'connect'
        | 'prune'
        | 'reset'
        | 'heads'
        | 'unwatch'
        | 'watch'
        | 'refresh'
        | 'rewind'
    }
  | { readonly do: 'wait'; readonly ms: number }

const plain = (
  ...names: ('cut' | 'connect' | 'prune' | 'reset' | 'heads' | 'unwatch' | 'watch' | 'refresh' | 'rewind')[]
) => fc.constantFrom(...names).map((name): Step => ({ do: name }))

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 5 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('duplicate' as const, 'swap' as const, 'drop' as const),
      at: fc.nat(5),
    }),
  },
  { weight: 3, arbitrary: plain('connect', 'heads') },
  { weight: 1, arbitrary: plain('cut', 'prune', 'reset', 'unwatch', 'watch', 'refresh', 'rewind') },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(10, 300, 1_000, 7_000, 11_000),
    }),
  },
)

/** What a listener of the log was told must be a log: each message once and in order, or a notice of what is missing. */
const expectOrdered = (occurrences: readonly ChannelOccurrence[]): void => {
  let last: { epoch: string; seq: number } | undefined
  for (const occurrence of occurrences) {
    if (occurrence.type === 'missed') {
      if (last) expect(occurrence.missed.after).toMatchObject(last)
      last = occurrence.missed.through
    }
    if (occurrence.type !== 'batch') continue
    const { messages, position } = occurrence.batch
    for (const message of messages) {
      if (last) expect(message.position).toEqual({ epoch: last.epoch, seq: last.seq + 1 })
      last = message.position
    }
    expect(position).toMatchObject(last ?? {})
  }
}

const play = async (steps: readonly Step[], asynchronous: boolean, seed: number): Promise<void> => {
  const under = createLogUnderTest(
    {
      bufferMessages: 6,
      linger: 60_000_000,
      ...(asynchronous && { parseEvent: async (_event: string, data: unknown) => data }),
    },
    seed,
  )
  const { hub, time, log, occurrences, listen } = under
  const storage = new StorageModel()
  const { view, watch } = createViewUnderTest({ persist: true }, { under, storage })
  hub.instant = false
  listen()
  let unwatch = watch()
  hub.connect()
  /** A view that does not say that it is stale is the log up to its position. */
  const expectTrue = (): void => {
    const { stale, position } = view.status$.get()
    if (position && !stale) expect(view.confirmed$.get()).toEqual(hub.states.get(position.id))
  }
  const changes = {
    duplicate: (at: number) => {
      const frame = hub.queue[at]
      if (frame) hub.queue.splice(at, 0, frame)
    },
    swap: (at: number) => {
      const [a, b] = [hub.queue[at], hub.queue[at + 1]]
      if (a?.type === 'messages' && b?.type === 'messages') hub.queue.splice(at, 2, b, a)
    },
    drop: (at: number) => void hub.queue.splice(at, 1),
  }
  for (const one of steps) {
    if (one.do === 'publish') hub.publish(one.count)
    else if (one.do === 'deliver') for (const frame of hub.queue.splice(0, one.count)) hub.frames$.next(frame)
    else if (one.do === 'duplicate' || one.do === 'swap' || one.do === 'drop') changes[one.do](one.at)
    else if (one.do === 'cut') hub.cut()
    else if (one.do === 'connect') hub.link$.get() ?? hub.connect()
    else if (one.do === 'prune') hub.pruned = Math.max(0, hub.log.length - 1)
    else if (one.do === 'reset') {
      hub.cut()
      hub.reset(2)
    } else if (one.do === 'rewind') {
      // A restored backup that forgot to change its epoch.
      hub.cut()
      hub.log.length = Math.floor(hub.log.length / 2)
      hub.pruned = 0
      hub.append(1)
    } else if (one.do === 'heads') hub.heads()
    else if (one.do === 'unwatch') unwatch()
    else if (one.do === 'watch') {
      unwatch()
      unwatch = watch()
    } else if (one.do === 'refresh') view.refresh()
    else if (one.do === 'wait') await time.advance(one.ms)
    await time.settle()
    expectOrdered(occurrences)
    expectTrue()
  }
  unwatch()
  watch()
  hub.instant = true
  hub.link$.get() ?? hub.connect()
  hub.drain()
  for (let n = 0; n < 8; n++) {
    await time.advance(15_000)
    hub.heads()
  }
  await time.advance(15_000)
  expectOrdered(occurrences)
  expect(log.state$.get()).toMatchObject({ phase: 'live', position: hub.head, head: hub.head })
  expect(view.get()).toEqual(hub.stateAt(hub.log.length))
  expect(view.status$.get()).toMatchObject({ stale: false, position: hub.head })
  const stored = storage.values.get('todos|default')
  expect(stored).toMatchObject({ state: hub.stateAt(hub.log.length), position: hub.head })
}

it.each([false, true])(
  'ends as a fold of the log, whatever happened (asynchronous schema: %s)',
  async (asynchronous) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
        fc.nat(),
        (steps, seed) => play(steps, asynchronous, seed),
      ),
      { numRuns: 250 },
    )
  },
  120_000,
)
