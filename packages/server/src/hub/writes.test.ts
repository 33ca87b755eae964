import { defineChannel, type } from '@syncline/core'
import type { ClientFrame, WireAnswer } from '@syncline/core/protocol'
import { describe, expect, it, vi } from 'vitest'
import type { Identity } from '../channel/identity.ts'
import type { MutationHandler } from '../channel/serve-options.ts'
import { reject, retryLater } from '../mutation/refusals.ts'
import { sqliteStore } from '../sqlite/index.ts'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { createTestHub, startTestHub, type Todo, todos, writes } from '../testing/test-hub.ts'
import type { TestPeer } from '../testing/test-peer.ts'

type Handler = MutationHandler<typeof todos, 'todo:create', Identity, unknown>

const good: Handler = ({ input, publish }) => {
  publish('todo:created', input)
  return input
}

const start = async (handler: Handler = good, options: Parameters<typeof createTestHub>[0] = {}) => {
  const made = startTestHub(options)
  const rows: unknown[] = []
  made.hub.serve(todos, { snapshot: () => rows as never, mutations: { 'todo:create': handler } })
  const peer = await made.client({ frames: [{ type: 'join', channel: 'todos' }] })
  await made.time.settle()
  return { ...made, peer, rows }
}

const answersOf = (peer: TestPeer): readonly WireAnswer[] =>
  peer.all('answers').flatMap(({ answers }) => answers)
const messagesOf = (peer: TestPeer) => peer.all('messages').flatMap(({ messages }) => messages)
const ids = (peer: TestPeer) => messagesOf(peer).map((message) => (message[4] as { id: string }).id)
const errorOf = (answer: WireAnswer | undefined) =>
  answer?.[2] === 'rejected' ? answer[3].code : answer?.[2]

describe('a write stream', () => {
  it('that was given back from its first number is not unknown to what was on its way behind it', async () => {
    let asked = 0
    const { peer, time } = await start(({ input }) => {
      if (++asked === 1) throw retryLater(1_000)
      return input
    })
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    expect(peer.last('back')).toMatchObject({ expect: 1, error: { code: 'try-later' } })
    peer.send(writes(2, [{ id: 'b' }]))
    await time.settle()
    expect(peer.all('unknown-stream')).toEqual([])
    peer.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
    await time.settle()
    expect(answersOf(peer).map(([n, , outcome]) => [n, outcome])).toEqual([
      [1, 'accepted'],
      [2, 'accepted'],
    ])
  })

  it('that cannot be read says so over the link that the client came back over meanwhile', async () => {
    const store = memoryStore()
    let fail = (): void => {}
    const stream: HubStore['stream'] = () =>
      new Promise((_, reject) => {
        fail = () => reject(new Error('The disk is gone.'))
      })
    const { peer, time, client } = await start(good, { store: { ...store, stream } })
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    peer.cut()
    const again = await client()
    again.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
    await time.settle()
    fail()
    await time.settle()
    expect(again.last('back')).toMatchObject({ expect: 1, error: { code: 'store-unavailable' } })
  })

  it('answers an accepted mutation with its result and where its effect is', async () => {
    const { peer, time } = await start()
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    const [message] = messagesOf(peer)
    expect(message?.slice(3, 6)).toEqual(['todo:created', { id: 'a', text: 'milk' }, 'write-a'])
    const { epoch } = peer.last('messages')
    expect(answersOf(peer)).toEqual([
      [
        1,
        'write-a',
        'accepted',
        { id: 'a', text: 'milk' },
        [{ channel: 'todos', position: { epoch, seq: 1 } }],
      ],
    ])
  })

  it('gathers the answers of one turn in one frame and the messages in another', async () => {
    const { peer, time } = await start()
    peer.send(writes(1, [{ id: 'a' }, { id: 'b' }, { id: 'c' }]))
    await time.settle()
    expect(peer.all('answers')).toHaveLength(1)
    expect(peer.all('messages')).toHaveLength(1)
    expect(ids(peer)).toEqual(['a', 'b', 'c'])
  })

  it('runs asynchronous handlers one after the other, in order', async () => {
    const order: string[] = []
    const gates: (() => void)[] = []
    const { peer, time } = await start(async ({ input, publish }) => {
      order.push(`start ${input.id}`)
      await new Promise<void>((resolve) => gates.push(resolve))
      publish('todo:created', input)
      order.push(`end ${input.id}`)
      return input
    })
    peer.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
    await time.settle()
    expect(order).toEqual(['start a'])
    gates[0]?.()
    await time.settle()
    expect(order).toEqual(['start a', 'end a', 'start b'])
    expect(answersOf(peer)).toHaveLength(1)
    gates[1]?.()
    await time.settle()
    expect(ids(peer)).toEqual(['a', 'b'])
  })

  it('gives a lost answer again without running the write again', async () => {
    const handler = vi.fn(({ input }: { input: Todo }) => input)
    const { peer, time, client } = await start(handler)
    peer.send(writes(1, [{ id: 'a' }]))
    peer.cut()
    await time.settle()
    expect(answersOf(peer)).toHaveLength(0)
    const again = await client()
    again.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
    await time.settle()
    expect(answersOf(again).map(([n, , outcome]) => [n, outcome])).toEqual([
      [1, 'accepted'],
      [2, 'accepted'],
    ])
    expect(handler).toHaveBeenCalledTimes(2)
  })

  it('sends the answer of a write that is under way to the link it was sent over last', async () => {
    let finish: (() => void) | undefined
    const { peer, time, client } = await start(async ({ input }) => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return input
    })
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    peer.cut()
    const again = await client()
    again.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    finish?.()
    await time.settle()
    expect(answersOf(again)).toHaveLength(1)
  })

  it('rejects for the reason of the app, and says the same when the write comes again', async () => {
    const handler = vi.fn(() => {
      throw reject('No milk today.')
    })
    const { peer, time, client } = await start(handler)
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    expect(answersOf(peer)).toEqual([
      [1, 'write-a', 'rejected', { code: 'rejected', detail: 'No milk today.' }],
    ])
    const again = await client()
    again.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    expect(answersOf(again)).toEqual(answersOf(peer))
    expect(handler).toHaveBeenCalledTimes(1)
  })

  it('goes on with others after a handler threw, tells the client nothing of the inside, and logs it', async () => {
    const { peer, time, log } = await start(({ input, publish }) => {
      publish('todo:created', input)
      if (input.id === 'bad') throw new Error('password is 1234')
      return input
    })
    peer.send(writes(1, [{ id: 'bad' }, { id: 'b' }]))
    await time.settle()
    expect(answersOf(peer)[0]).toEqual([1, 'write-bad', 'rejected', { code: 'handler-failed' }])
    expect(ids(peer)).toEqual(['b'])
    expect(log.find(({ code }) => code === 'handler-failed')).toMatchObject({
      traceId: 'write-bad',
      channel: 'todos',
      name: 'todo:create',
      error: new Error('password is 1234'),
    })
    expect(JSON.stringify(peer.frames)).not.toContain('1234')
  })

  it.each([
    ['memory', () => memoryStore() as HubStore],
    ['sqlite', () => sqliteStore(':memory:') as HubStore],
  ])('refuses for good what a handler returns and is not JSON, or is too large (%s)', async (_, open) => {
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    const results: Record<string, unknown> = { big: { v: 10n }, cycle, long: 'x'.repeat(2_000), fine: 1 }
    const run = vi.fn((input: Todo) => results[input.id] as Todo)
    const { hub, time, client, log } = createTestHub({ store: open(), limits: { resultBytes: 1_000 } })
    const loose = defineChannel('todos', {
      events: { 'todo:created': type<Todo>() },
      mutations: { 'todo:create': { input: type<Todo>(), output: type<Todo>() } },
    })
    hub.serve(loose, { mutations: { 'todo:create': async ({ input }) => run(input) } })
    const peer = await client()
    const sent = writes(
      1,
      Object.keys(results).map((id) => ({ id })),
    )
    peer.send(sent)
    for (let turn = 0; turn < 4; turn++) await time.settle()
    peer.send(sent)
    await time.settle()
    const codes = answersOf(peer).map(errorOf)
    const once = ['handler-failed', 'handler-failed', 'handler-failed', 'accepted']
    expect(codes).toEqual([...once, ...once])
    expect(run).toHaveBeenCalledTimes(4)
    const failed = log.filter(({ code }) => code === 'handler-failed')
    expect(failed.map(({ level }) => level).sort()).toEqual([
      ...Array(3).fill('debug'),
      ...Array(3).fill('error'),
    ])
    expect(hub.health().status).toBe('ok')
    await hub.close()
  })

  it('refuses for good what a handler throws and cannot travel', async () => {
    const { peer, time } = await start(() => {
      throw reject('no', { issues: [{ message: 10n as unknown as string }] })
    })
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    await time.settle()
    expect(answersOf(peer).map(errorOf)).toEqual(['handler-failed'])
  })

  it('sends what a handler returned as it was then', async () => {
    const kept = { id: 'a', text: 'before' }
    const { peer, time } = await start(({ input }) => {
      if (input.id === 'b') kept.text = 'after'
      return kept
    })
    peer.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
    await time.settle()
    expect(answersOf(peer).map((answer) => answer[3])).toMatchObject([{ text: 'before' }, { text: 'after' }])
  })

  it('stores a timeout of a hanging handler, goes on, and uses nothing that comes late', async () => {
    let finish: (() => void) | undefined
    const { peer, time } = await start(async ({ input, publish }) => {
      publish('todo:created', input)
      if (input.id === 'slow')
        await new Promise<void>((resolve) => {
          finish = resolve
        })
      return input
    })
    peer.send(writes(1, [{ id: 'slow' }, { id: 'b' }]))
    await time.advance(9_999)
    expect(answersOf(peer)).toHaveLength(0)
    await time.advance(1)
    expect(answersOf(peer).map(errorOf)).toEqual(['handler-timeout', 'accepted'])
    finish?.()
    await time.settle()
    expect(ids(peer)).toEqual(['b'])
    expect(answersOf(peer)).toHaveLength(2)
    expect(peer.all('back')).toEqual([])
    peer.send(writes(1, [{ id: 'slow' }], { answered: 0 }))
    await time.settle()
    expect(errorOf(answersOf(peer)[2])).toBe('handler-timeout')
  })

  it('gives each of two slow handlers the whole time', async () => {
    const finish: (() => void)[] = []
    const { peer, time } = await start(async ({ input }) => {
      await new Promise<void>((resolve) => finish.push(resolve))
      return input
    })
    peer.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
    await time.advance(6_000)
    finish[0]?.()
    await time.advance(9_000)
    expect(answersOf(peer)).toHaveLength(1)
    await time.advance(1_000)
    expect(answersOf(peer).map(errorOf)).toEqual(['accepted', 'handler-timeout'])
  })

  it('gives a write back that asks for later, with all that follow, and takes them again', async () => {
    let ready = false
    const { peer, time } = await start(({ input, publish }) => {
      if (input.id === 'b' && !ready) throw retryLater(700)
      publish('todo:created', input)
      return input
    })
    peer.send(writes(1, [{ id: 'a' }, { id: 'b' }, { id: 'c' }]))
    peer.send(writes(4, [{ id: 'd' }]))
    await time.settle()
    expect(answersOf(peer).map(([n]) => n)).toEqual([1])
    expect(peer.all('back')).toEqual([
      expect.objectContaining({ expect: 2, error: { code: 'try-later', retryAfter: 700 } }),
    ])
    ready = true
    peer.send(writes(2, [{ id: 'b' }, { id: 'c' }, { id: 'd' }]))
    await time.settle()
    expect(ids(peer)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('sends back what comes out of turn, once', async () => {
    const { peer, time } = await start()
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    peer.send(writes(3, [{ id: 'c' }]), writes(4, [{ id: 'd' }]))
    await time.settle()
    expect(peer.all('back').map(({ expect: n, error }) => [n, error.code])).toEqual([[2, 'wrong-number']])
    peer.send(writes(2, [{ id: 'b' }, { id: 'c' }]))
    await time.settle()
    expect(ids(peer)).toEqual(['a', 'b', 'c'])
  })

  it('does not guess about a stream it does not know', async () => {
    const { peer, time } = await start()
    peer.send(writes(5, [{ id: 'e' }], { generation: 2 }))
    await time.settle()
    expect(peer.last('unknown-stream')).toMatchObject({ channel: 'todos', client: 'client', generation: 2 })
    expect(answersOf(peer)).toHaveLength(0)
  })

  it('refuses the same number for another write', async () => {
    const { peer, time } = await start()
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    const forged: ClientFrame = {
      ...writes(1, []),
      writes: [[1, 'write-a', 'mutate', 'todo:create', { id: 'x', text: '' }, 1]],
    } as ClientFrame
    peer.send(forged)
    peer.send(writes(1, [{ id: 'other' }]))
    await time.settle()
    expect(answersOf(peer).map(errorOf)).toEqual(['accepted', 'write-conflict', 'write-conflict'])
    expect(ids(peer)).toEqual(['a'])
  })

  it('gives up a number on request: as discarded, or with the answer it has', async () => {
    const { peer, time } = await start()
    const give = (n: number, id: string): ClientFrame =>
      ({ ...writes(1, []), writes: [[n, id, 'void', '', null, 1]] }) as ClientFrame
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    peer.send(give(1, 'write-a'), give(2, 'write-b'))
    await time.settle()
    peer.send(writes(2, [{ id: 'b' }]))
    await time.settle()
    expect(answersOf(peer).map(errorOf)).toEqual(['accepted', 'accepted', 'discarded', 'discarded'])
    expect(ids(peer)).toEqual(['a'])
  })

  it('does not repeat an answer that the client said it has', async () => {
    const { peer, time } = await start()
    peer.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
    await time.settle()
    peer.send(writes(3, [{ id: 'c' }], { answered: 2 }))
    await time.settle()
    peer.send(writes(2, [{ id: 'b' }]))
    await time.settle()
    expect(answersOf(peer).map(errorOf)).toEqual(['accepted', 'accepted', 'accepted', 'outcome-unknown'])
  })

  it('keeps the streams of two people apart, whatever ids they send', async () => {
    const seen: string[] = []
    const { client, time } = await start(
      ({ input, user }) => {
        seen.push(`${user.id} ${input.id}`)
        return input
      },
      { authenticate: ({ token = 'nobody' }) => ({ id: token }) },
    )
    const ada = await client({ token: 'ada' })
    const eve = await client({ token: 'eve' })
    ada.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    eve.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    expect(seen).toEqual(['ada a', 'eve a'])
    eve.send(writes(3, [{ id: 'c' }], { answered: 2 }))
    await time.settle()
    ada.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    expect(answersOf(ada).map(errorOf)).toEqual(['accepted', 'accepted'])
    expect(eve.last('back').expect).toBe(2)
  })

  it('refuses, and remembers, what the contract does not have', async () => {
    const { peer, time } = await start()
    const write = (n: number, kind: 'mutate' | 'publish', name: string, data: unknown, version = 1) =>
      [n, `w${n}`, kind, name, data, version] as const
    peer.send({
      ...writes(1, []),
      writes: [
        write(1, 'mutate', 'constructor', {}),
        write(2, 'mutate', 'todo:create', { id: 7 }),
        write(3, 'publish', 'todo:created', { id: 'a', text: '' }),
        write(4, 'publish', 'toString', {}),
        write(5, 'publish', 'todo:typing', { who: 1 }),
        write(6, 'mutate', 'todo:create', { id: 'a', text: '' }, 2),
        write(7, 'publish', 'todo:typing', { who: 'ada' }),
      ],
    } as ClientFrame)
    await time.settle()
    expect(answersOf(peer).map(errorOf)).toEqual([
      'unknown-mutation',
      'schema-violation',
      'publish-forbidden',
      'unknown-event',
      'schema-violation',
      'contract-outdated',
      'accepted',
    ])
    expect(answersOf(peer)[1]).toMatchObject([
      2,
      'w2',
      'rejected',
      { issues: [{ path: 'id' }, { path: 'text' }] },
    ])
    expect(messagesOf(peer).map((message) => message[4])).toEqual([{ who: 'ada' }])
  })

  it('sends everything back when the store refuses, fans nothing out, and goes on once it takes again', async () => {
    const store = memoryStore() as HubStore
    let full = false
    const { peer, time, hub, log } = await start(good, {
      store: {
        ...store,
        db: undefined,
        commit: (group) => (full ? Promise.reject(new Error('disk full')) : store.commit(group)),
      },
    })
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    full = true
    peer.send(writes(2, [{ id: 'b' }, { id: 'c' }]))
    await time.settle()
    const back = peer.last('back')
    expect([back.expect, back.error.code]).toEqual([2, 'store-unavailable'])
    expect(back.error.retryAfter).toBeGreaterThanOrEqual(1_000)
    expect(ids(peer)).toEqual(['a'])
    expect(hub.health().status).toBe('failing')
    expect(log.some(({ code }) => code === 'store-unavailable')).toBe(true)
    full = false
    peer.send(writes(2, [{ id: 'b' }, { id: 'c' }]))
    await time.settle()
    expect(ids(peer)).toEqual(['a', 'b', 'c'])
    expect(hub.health().status).toBe('ok')
  })

  it('sends back also what was to be committed next, and leaves no hole', async () => {
    const store = memoryStore() as HubStore
    let refuse: ((error: Error) => void) | undefined
    let slow = false
    const { peer, time } = await start(good, {
      store: {
        ...store,
        db: undefined,
        commit: (group) => {
          if (!slow) return store.commit(group)
          slow = false
          return new Promise((_, reject) => {
            refuse = reject
          })
        },
      },
    })
    slow = true
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    peer.send(writes(2, [{ id: 'b' }]))
    await time.settle()
    refuse?.(new Error('disk full'))
    await time.settle()
    expect(peer.all('back').map(({ expect: n }) => n)).toEqual([1])
    expect(ids(peer)).toEqual([])
    peer.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
    await time.settle()
    expect(ids(peer)).toEqual(['a', 'b'])
  })

  it('asks again for access after a revocation, also for what waits already', async () => {
    let allowed = true
    const finish: (() => void)[] = []
    const made = startTestHub()
    const { hub, time } = made
    hub.serve(todos, {
      authorize: () => allowed,
      snapshot: () => [],
      mutations: {
        'todo:create': async ({ input }) => {
          await new Promise<void>((resolve) => finish.push(resolve))
          return input
        },
      },
    })
    const peer = await made.client()
    peer.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
    await time.settle()
    allowed = false
    hub.revoke({ subject: 'anonymous', channel: 'todos' })
    finish[0]?.()
    await time.settle()
    expect(answersOf(peer).map(errorOf)).toEqual(['accepted', 'forbidden'])
  })

  it('goes on from the store after a restart', async () => {
    const store = memoryStore() as HubStore
    const kept: HubStore = { ...store, db: undefined, close: async () => undefined }
    const before = await start(good, { store: kept })
    before.peer.send(writes(1, [{ id: 'a' }]))
    await before.time.settle()
    const after = await start(good, { store: kept, time: before.time })
    after.peer.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
    await after.time.settle()
    expect(answersOf(after.peer).map(([n, , outcome]) => [n, outcome])).toEqual([
      [1, 'accepted'],
      [2, 'accepted'],
    ])
    expect(ids(after.peer)).toEqual(['b'])
  })

  it('sends back what is more than may be in flight', async () => {
    const finish: (() => void)[] = []
    const { peer, time } = await start(
      async ({ input }) => {
        await new Promise<void>((resolve) => finish.push(resolve))
        return input
      },
      { limits: { writesInFlight: 2 } },
    )
    peer.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
    await time.settle()
    peer.send(writes(3, [{ id: 'c' }]))
    await time.settle()
    expect(peer.last('back')).toMatchObject({ expect: 3, error: { code: 'too-many-writes' } })
    finish[0]?.()
    await time.settle()
    peer.send(writes(3, [{ id: 'c' }]))
    await time.settle()
    expect(peer.all('back')).toHaveLength(1)
  })

  it('sends back what is more bytes than a connection may have in flight, over all its streams', async () => {
    const finish: (() => void)[] = []
    const { peer, time, client } = await start(
      async ({ input }) => {
        await new Promise<void>((resolve) => finish.push(resolve))
        return input
      },
      { limits: { pendingBytes: 1_000 } },
    )
    const write = (n: number, id: string, bytes: number, generation = 1) =>
      writes(n, [{ id, text: 'x'.repeat(bytes) }], { generation })
    peer.send(write(1, 'a', 400), write(2, 'b', 400))
    await time.settle()
    expect(peer.all('back')).toEqual([])
    peer.send(write(3, 'c', 400), write(1, 'd', 400, 2))
    await time.settle()
    expect(peer.all('back').map(({ generation, expect: n, error }) => [generation, n, error.code])).toEqual([
      [1, 3, 'too-many-writes'],
      [2, 1, 'too-many-writes'],
    ])
    // Another connection has bytes of its own, and one write alone may have more than the bound.
    const other = await client({ client: 'other' })
    other.send(writes(1, [{ id: 'e', text: 'x'.repeat(1_500) }], { client: 'other' }))
    await time.settle()
    expect(other.all('back')).toEqual([])
    finish[0]?.()
    await time.settle()
    peer.send(write(3, 'c', 400))
    await time.settle()
    expect(peer.all('back')).toHaveLength(2)
  })

  it('sends back what is more than a second allows, asks for no access for it, and loses nothing', async () => {
    const authorize = vi.fn(() => true)
    const { time, client, hub } = createTestHub({ limits: { writesPerSecond: 2 } })
    hub.serve(todos, { authorize, snapshot: () => [], mutations: { 'todo:create': good } })
    const peer = await client()
    const all = ['a', 'b', 'c', 'd'].map((id) => ({ id }))
    peer.send(writes(1, all))
    await time.settle()
    expect(answersOf(peer).map(([n]) => n)).toEqual([1, 2])
    expect(peer.last('back')).toMatchObject({ expect: 3, error: { code: 'rate-limited', retryAfter: 500 } })
    peer.send(writes(1, all))
    await time.settle()
    expect(answersOf(peer).map(([n]) => n)).toEqual([1, 2, 1, 2])
    peer.send(writes(3, all.slice(2)))
    expect(authorize).toHaveBeenCalledTimes(1)
    await time.advance(500)
    peer.send(writes(3, all.slice(2)))
    await time.settle()
    expect(answersOf(peer).at(-1)?.[0]).toBe(3)
    await time.advance(5_000)
    peer.send(writes(4, [{ id: 'd' }, { id: 'e' }, { id: 'f' }]))
    await time.settle()
    expect(answersOf(peer).at(-1)?.[0]).toBe(5)
    expect(peer.all('back').at(-1)?.expect).toBe(6)
    await hub.close()
  })

  it('bounds what one write publishes', async () => {
    const { peer, time } = await start(
      ({ input, publish }) => {
        for (let count = 0; count < 4; count++) publish('todo:created', input)
        return input
      },
      { limits: { messagesPerWrite: 3 } },
    )
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    expect(errorOf(answersOf(peer)[0])).toBe('handler-failed')
  })

  it('keeps the messages of one write together', async () => {
    const { peer, time } = await start(({ input, publish }) => {
      publish('todo:created', input)
      publish('todo:created', { ...input, id: `${input.id}2` })
      return input
    })
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    expect(messagesOf(peer).map((message) => message.slice(5))).toEqual([['write-a', 1], ['write-a']])
  })

  it('stores a refusal of authorize, asked again for each frame', async () => {
    let allowed = true
    const made = startTestHub()
    const { hub, time } = made
    hub.serve(todos, { authorize: () => allowed, snapshot: () => [], mutations: { 'todo:create': good } })
    const peer = await made.client()
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    allowed = false
    peer.send(writes(2, [{ id: 'b' }]))
    await time.settle()
    expect(answersOf(peer).map(errorOf)).toEqual(['accepted', 'forbidden'])
    const unknown = { ...writes(1, [{ id: 'x' }]), channel: 'nowhere' } as ClientFrame
    peer.send(unknown)
    await time.settle()
    expect(errorOf(answersOf(peer)[2])).toBe('unknown-channel')
  })
})

describe('a handler inside the commit', () => {
  const transaction = (run: (input: { id: string; text: string }) => void): Handler => ({
    transaction: ({ input, publish }) => {
      publish('todo:created', input)
      run(input)
      return input
    },
  })

  it('is rolled back alone, in the middle of its stream, with its answers in order', async () => {
    const { peer, time } = await start(
      transaction(({ id }) => {
        if (id === 'b') throw reject('no')
        if (id === 'd') throw new Error('broken')
      }),
    )
    peer.send(
      writes(
        1,
        ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id })),
      ),
    )
    await time.settle()
    await time.settle()
    expect(answersOf(peer).map((answer) => [answer[0], errorOf(answer)])).toEqual([
      [1, 'accepted'],
      [2, 'rejected'],
      [3, 'accepted'],
      [4, 'handler-failed'],
      [5, 'accepted'],
    ])
    expect(ids(peer)).toEqual(['a', 'c', 'e'])
  })

  it('goes back from the write that asks for later', async () => {
    let ready = false
    const { peer, time } = await start(
      transaction(({ id }) => {
        if (id === 'b' && !ready) throw retryLater(50)
      }),
    )
    peer.send(
      writes(
        1,
        ['a', 'b', 'c'].map((id) => ({ id })),
      ),
    )
    await time.settle()
    expect(peer.last('back').expect).toBe(2)
    ready = true
    peer.send(
      writes(
        2,
        ['b', 'c'].map((id) => ({ id })),
      ),
    )
    await time.settle()
    expect(ids(peer)).toEqual(['a', 'b', 'c'])
  })

  it('must be synchronous', async () => {
    const { peer, time } = await start({ transaction: (async () => undefined) as never })
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    await time.settle()
    expect(errorOf(answersOf(peer)[0])).toBe('handler-failed')
  })
})
