import type { Anchor, Position } from '@syncline/core'
import { defineChannel, SynclineError, type } from '@syncline/core'
import type { HubFrame } from '@syncline/core/protocol'
import { describe, expect, it, vi } from 'vitest'
import type { Identity } from '../channel/identity.ts'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { board, type createTestHub, startTestHub, type Todo, todos, writes } from '../testing/test-hub.ts'
import type { TestPeer } from '../testing/test-peer.ts'

const todo = (id: string): Todo => ({ id, text: 'milk' })

const start = async (
  options: Parameters<typeof createTestHub>[0] = {},
  serving: Record<string, unknown> = {},
) => {
  const made = startTestHub(options)
  const rows: Todo[] = []
  made.hub.serve(todos, {
    snapshot: () => [...rows],
    mutations: {
      'todo:create': ({ input, publish }) => {
        rows.push(input)
        publish('todo:created', input)
        return input
      },
    },
    ...serving,
  })
  await made.time.settle()
  const fill = async (count: number): Promise<Position> => {
    let position: Position = { epoch: '', seq: 0 }
    for (let n = 0; n < count; n++) {
      const publishing = made.hub.publish(todos, 'todo:created', todo(`t${n}`))
      await made.time.settle()
      position = await publishing
    }
    return position
  }
  return { ...made, rows, fill }
}

const seqs = (frame: { readonly messages: readonly (readonly [number, ...unknown[]])[] }) =>
  frame.messages.map(([seq]) => seq)
const received = (peer: TestPeer) => peer.all('messages').flatMap(seqs)
const join = (at?: Anchor, snapshot?: boolean) =>
  ({ type: 'join', channel: 'todos', ...(at && { at }), ...(snapshot && { snapshot }) }) as const
/** The anchor of a message that a client got. */
const anchorOf = (peer: TestPeer, seq: number): Anchor => {
  const frames = peer.frames.filter((frame) => frame.type === 'messages')
  const message = frames.flatMap(({ messages }) => messages).find(([at]) => at === seq)
  return { epoch: frames[0]?.epoch ?? '', seq, id: message?.[1] ?? '' }
}

describe('joining', () => {
  it('starts at the head and gets what follows, nothing else', async () => {
    const { client, time, fill } = await start()
    await fill(2)
    const peer = await client({ frames: [join()] })
    await time.settle()
    expect(peer.last('joined')).toMatchObject({
      start: { seq: 2 },
      head: { seq: 2 },
      messages: [],
      more: false,
    })
    await fill(2)
    expect(received(peer)).toEqual([3, 4])
  })

  it('resumes after the position it has', async () => {
    const { client, time, fill } = await start()
    const first = await client({ frames: [join()] })
    await fill(5)
    first.cut()
    const again = await client({ frames: [join(anchorOf(first, 2))] })
    await time.settle()
    expect(seqs(again.last('joined'))).toEqual([3, 4, 5])
    expect(again.last('joined').gone).toBeUndefined()
    await fill(1)
    expect(received(again)).toEqual([6])
  })

  it.each([
    ['another epoch', (at: Anchor) => ({ ...at, epoch: 'other' })],
    ['the future', (at: Anchor) => ({ ...at, seq: 99 })],
    ['another message there', (at: Anchor) => ({ ...at, id: 'forged' })],
    ['another message at the head', (at: Anchor) => ({ ...at, seq: 5, id: 'forged' })],
    ['an id before the first', (at: Anchor) => ({ ...at, seq: 0, id: 'forged' })],
  ])('does not go on from %s', async (_, forge) => {
    const { client, time, fill } = await start()
    const first = await client({ frames: [join()] })
    await fill(5)
    const again = await client({ frames: [join(forge(anchorOf(first, 2)))] })
    await time.settle()
    expect(again.last('joined')).toMatchObject({ gone: true, start: { seq: 5 }, messages: [], more: false })
  })

  it('does not go on from what retention has dropped', async () => {
    const { client, time, fill } = await start({
      retention: { count: 2 },
      limits: { recentMessages: 2 },
    })
    const first = await client({ frames: [join()] })
    await fill(6)
    const [old, edge] = [anchorOf(first, 2), anchorOf(first, 5)]
    await time.advance(60_000)
    const gone = await client({ frames: [join(old)] })
    const fine = await client({ frames: [join(edge)] })
    await time.settle()
    expect(gone.last('joined')).toMatchObject({ gone: true, start: { seq: 6 } })
    const beginning = await client({ frames: [join({ epoch: edge.epoch, seq: 0, id: '' })] })
    await time.settle()
    expect(beginning.last('joined')).toMatchObject({ gone: true, messages: [] })
    expect(seqs(fine.last('joined'))).toEqual([6])
  })

  it('goes on from the newest message that retention has dropped, where the hub remembers its id', async () => {
    const { client, time, fill } = await start({
      retention: { count: 2 },
      limits: { recentMessages: 2 },
    })
    const first = await client({ frames: [join()] })
    await fill(6)
    await time.advance(60_000)
    const fine = await client({ frames: [join(anchorOf(first, 4))] })
    const forged = await client({ frames: [join({ ...anchorOf(first, 4), id: 'forged' })] })
    await time.settle()
    expect(seqs(fine.last('joined'))).toEqual([5, 6])
    expect(forged.last('joined')).toMatchObject({ gone: true })
  })

  it('pages what is more than a page, from the store, without a hole to what comes live', async () => {
    const { client, time, fill } = await start({ limits: { pageMessages: 2, recentMessages: 1 } })
    const first = await client({ frames: [join()] })
    await fill(7)
    const peer = await client({ frames: [join(anchorOf(first, 1))] })
    await time.settle()
    const joined = peer.last('joined')
    expect([seqs(joined), joined.more, joined.head.seq]).toEqual([[2, 3], true, 7])
    await fill(1)
    const got = seqs(joined)
    while (got.at(-1) !== 7) {
      const seq = got.at(-1) ?? 0
      peer.send({ type: 'fetch', channel: 'todos', after: anchorOf(first, seq) })
      await time.settle()
      const page = peer.last('page')
      expect(page.after.seq).toBe(seq)
      got.push(...seqs(page).filter((at) => at <= 7))
    }
    expect([...got, ...received(peer)]).toEqual([2, 3, 4, 5, 6, 7, 8])
  })

  it('resumes from memory within its bytes, and from the store beyond', async () => {
    const store = memoryStore() as HubStore
    const read = vi.fn(store.read)
    const { client, time, hub } = await start({
      limits: { recentBytes: 1_000 },
      store: { ...store, db: undefined, read },
    })
    const first = await client({ frames: [join()] })
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      void hub.publish(todos, 'todo:created', { id, text: 'x'.repeat(300) })
      await time.settle()
    }
    const near = await client({ frames: [join(anchorOf(first, 3))] })
    await time.settle()
    expect(seqs(near.last('joined'))).toEqual([4, 5])
    expect(read).not.toHaveBeenCalled()
    const far = await client({ frames: [join(anchorOf(first, 1))] })
    await time.settle()
    expect(seqs(far.last('joined'))).toEqual([2, 3, 4, 5])
    expect(read).toHaveBeenCalledTimes(1)
  })

  it('loses nothing that is committed while the join is answered', async () => {
    const store = memoryStore() as HubStore
    const slow: (() => void)[] = []
    const { client, time, fill, hub } = await start({
      limits: { recentMessages: 1 },
      store: {
        ...store,
        db: undefined,
        read: async (...asked) => {
          const page = await store.read(...asked)
          await new Promise<void>((resolve) => slow.push(resolve))
          return page
        },
      },
    })
    const first = await client({ frames: [join()] })
    await fill(4)
    const peer = await client({ frames: [join(anchorOf(first, 1))] })
    await time.settle()
    void hub.publish(todos, 'todo:created', todo('between'))
    await time.settle()
    slow[0]?.()
    await time.settle()
    await fill(1)
    const joined = peer.last('joined')
    expect([...seqs(joined), ...received(peer)]).toEqual([2, 3, 4, 5, 6])
  })

  it('does not answer a join that was left meanwhile', async () => {
    const store = memoryStore() as HubStore
    const slow: (() => void)[] = []
    const { client, time, fill } = await start({
      limits: { recentMessages: 1 },
      store: {
        ...store,
        db: undefined,
        read: async (...asked) => {
          await new Promise<void>((resolve) => slow.push(resolve))
          return store.read(...asked)
        },
      },
    })
    const first = await client({ frames: [join()] })
    await fill(4)
    const peer = await client({ frames: [join(anchorOf(first, 1))] })
    await time.settle()
    peer.send({ type: 'leave', channel: 'todos' })
    slow[0]?.()
    await time.settle()
    await fill(1)
    expect(peer.frames.map(({ type }) => type)).toEqual(['welcome'])
  })

  it('counts what is committed while the channel itself is read', async () => {
    const store = memoryStore() as HubStore
    let read: (() => void) | undefined
    const { client, time, hub, fill } = await start({
      store: {
        ...store,
        db: undefined,
        channel: async (name) => {
          const record = await store.channel(name)
          await new Promise<void>((resolve) => {
            read = resolve
          })
          return record
        },
      },
    })
    const peer = await client({ frames: [join()] })
    void hub.publish(todos, 'todo:created', todo('meanwhile'))
    await time.settle()
    read?.()
    await time.settle()
    expect(peer.last('joined').head.seq).toBe(1)
    await fill(1)
    expect(received(peer)).toEqual([2])
  })

  it('shares one read among many who ask for the same', async () => {
    const store = memoryStore() as HubStore
    const read = vi.fn(store.read)
    const { client, time, fill, gateway } = await start({
      limits: { recentMessages: 1 },
      store: { ...store, db: undefined, read },
    })
    const first = await client({ frames: [join()] })
    await fill(4)
    const at = anchorOf(first, 1)
    const peers = Array.from({ length: 20 }, () => gateway.connect({ frames: [join(at)] }))
    await time.settle()
    await time.settle()
    expect(peers.map((peer) => seqs(peer.last('joined')))).toEqual(peers.map(() => [2, 3, 4]))
    expect(read.mock.calls.length).toBe(1)
  })

  it('leaves, and joins anew without getting anything twice', async () => {
    const { client, time, fill } = await start()
    const peer = await client({ frames: [join(), join()] })
    await time.settle()
    await fill(1)
    expect(received(peer)).toEqual([1])
    peer.send({ type: 'leave', channel: 'todos' })
    await fill(1)
    expect(received(peer)).toEqual([1])
    peer.send(join(), { type: 'leave', channel: 'todos' })
    await time.settle()
    await fill(1)
    expect(received(peer)).toEqual([1])
  })

  it('refuses unknown channels, forbidden ones and one too many', async () => {
    const { client, time, hub } = await start({ limits: { channels: 1 } })
    hub.serve(board, { authorize: ({ params }) => params.id === '1' })
    const peer = await client({
      frames: [
        { type: 'join', channel: 'nowhere' },
        { type: 'join', channel: 'board/2' },
      ],
    })
    await time.settle()
    peer.send({ type: 'join', channel: 'board/1' }, { type: 'join', channel: 'todos' })
    await time.settle()
    expect(peer.all('refused').map(({ channel, error }) => [channel, error.code])).toEqual([
      ['board/2', 'too-many-channels'],
      ['nowhere', 'unknown-channel'],
      ['todos', 'too-many-channels'],
    ])
    expect(peer.last('joined').channel).toBe('board/1')
  })

  it('shows nothing before the position that authorize allows', async () => {
    let since: Position = { epoch: '', seq: 0 }
    const { client, time, fill } = await start({}, { authorize: () => ({ since }) })
    const first = await client({ frames: [join()] })
    const { epoch } = await fill(5)
    since = { epoch, seq: 4 }
    const early = await client({ frames: [join(anchorOf(first, 2))] })
    const edge = await client({ frames: [join(anchorOf(first, 3))] })
    await time.settle()
    expect(early.last('joined')).toMatchObject({ gone: true, messages: [] })
    expect(seqs(edge.last('joined'))).toEqual([4, 5])
    early.send({ type: 'fetch', channel: 'todos', after: { epoch, seq: 0, id: '' } })
    await time.settle()
    expect(early.last('page')).toMatchObject({ gone: true, messages: [] })
    since = { epoch: 'older', seq: 1 }
    edge.send({ type: 'fetch', channel: 'todos', after: anchorOf(first, 3) })
    await time.settle()
    expect(edge.last('page').gone).toBe(true)
  })

  it('shows what comes to those who are there when the log has lost the earliest position', async () => {
    let since: Position = { epoch: '', seq: 0 }
    const { client, time, fill } = await start({}, { authorize: () => ({ since }) })
    const first = await client({ frames: [join()] })
    const { epoch } = await fill(5)
    since = { epoch, seq: 9 }
    const early = await client({ frames: [join(anchorOf(first, 4))] })
    const there = await client({ frames: [join(anchorOf(first, 5))] })
    await time.settle()
    expect(early.last('joined')).toMatchObject({ gone: true, messages: [], start: { seq: 5 } })
    expect(there.last('joined')).toMatchObject({ messages: [], start: { seq: 5 } })
    expect(there.last('joined').gone).toBeUndefined()
    await fill(1)
    expect([received(early), received(there)]).toEqual([[6], [6]])
  })

  it('asks again when authorize failed, and lets nobody in meanwhile', async () => {
    const { client, time, log } = await start({}, { authorize: () => Promise.reject(new Error('down')) })
    const peer = await client({ frames: [join()] })
    await time.settle()
    expect(peer.last('refused').error).toEqual({ code: 'try-later', retryAfter: 1_000 })
    expect(log.some(({ message }) => message === 'authorize failed')).toBe(true)
  })

  it('answers heads for what one may see', async () => {
    const { client, time, fill, hub } = await start()
    hub.serve(board, { authorize: () => false })
    await fill(3)
    const peer = await client()
    peer.send({ type: 'heads', channels: ['todos', 'board/1'] })
    await time.settle()
    expect(peer.last('heads').heads.map(([name, { seq }]) => [name, seq])).toEqual([['todos', 3]])
    expect(peer.last('refused').channel).toBe('board/1')
  })
})

describe('revoking', () => {
  it('ends access to one channel, also of a join under way and of writes that wait', async () => {
    let allowed = true
    let answerJoin: ((allowed: boolean) => void) | undefined
    const { client, time, fill, hub } = await start(
      { authenticate: ({ token = '' }) => ({ id: token }) },
      {
        authorize: ({ user }: { user: Identity }) =>
          user.id === 'slow'
            ? new Promise<boolean>((resolve) => {
                answerJoin = resolve
              })
            : allowed,
      },
    )
    const ada = await client({ token: 'ada', frames: [join()] })
    const bob = await client({ token: 'bob', frames: [join()] })
    const slow = await client({ token: 'slow', frames: [join()] })
    await time.settle()
    allowed = false
    hub.revoke({ subject: 'ada', channel: 'todos' })
    hub.revoke({ subject: 'slow', channel: 'todos' })
    answerJoin?.(true)
    await time.settle()
    expect(ada.last('refused').error.code).toBe('revoked')
    expect(slow.last('refused').error.code).toBe('revoked')
    expect(slow.all('joined')).toEqual([])
    await fill(1)
    expect([received(ada), received(bob), received(slow)]).toEqual([[], [1], []])
  })

  it('closes all links of a subject', async () => {
    const { client, hub } = await start({ authenticate: ({ token = '' }) => ({ id: token }) })
    const ada = await client({ token: 'ada' })
    const bob = await client({ token: 'bob' })
    hub.revoke({ subject: 'ada' })
    expect([ada.closed, bob.closed]).toEqual([true, false])
    expect(ada.last('bye').error.code).toBe('revoked')
  })
})

describe('snapshots', () => {
  it('come with their position and what follows it', async () => {
    const { client, time, fill, rows } = await start()
    await fill(2)
    rows.push(todo('a'))
    const peer = await client({ frames: [join(undefined, true)] })
    await time.settle()
    expect(peer.last('joined')).toMatchObject({
      start: { seq: 2 },
      snapshot: { state: [todo('a')] },
      messages: [],
    })
    const again = await client({ frames: [join({ epoch: 'x', seq: 1, id: 'y' }, true)] })
    await time.settle()
    expect(again.last('joined')).toMatchObject({ gone: true, snapshot: { state: [todo('a')] } })
    peer.send({ type: 'snapshot', channel: 'todos' })
    await time.settle()
    expect(peer.last('snapshot')).toMatchObject({ position: { seq: 2 }, state: [todo('a')] })
  })

  it("name the writes of the client that are in them, and nobody else's", async () => {
    const { client, time } = await start({ authenticate: ({ token = '' }) => ({ id: token }) })
    const ada = await client({ token: 'ada' })
    const bob = await client({ token: 'bob' })
    ada.send(writes(1, [{ id: 'a' }, { id: 'b' }]))
    bob.send(writes(1, [{ id: 'c' }]))
    await time.settle()
    ada.cut()
    const again = await client({ token: 'ada', frames: [join(undefined, true)] })
    await time.settle()
    expect(again.last('joined').snapshot).toMatchObject({ writes: ['write-a', 'write-b'] })
    bob.send({ type: 'snapshot', channel: 'todos' })
    await time.settle()
    expect(bob.last('snapshot').writes).toEqual(['write-c'])
    again.send(writes(3, [], { answered: 2 }), { type: 'snapshot', channel: 'todos' })
    await time.settle()
    expect(again.last('snapshot').writes).toBeUndefined()
  })

  it('are not read between a handler and its commit, nor the other way round', async () => {
    const steps: string[] = []
    let finishHandler: (() => void) | undefined
    let finishSnapshot: (() => void) | undefined
    const rows: Todo[] = []
    const { client, time } = await start(
      {},
      {
        snapshot: async () => {
          steps.push('snapshot')
          const state = [...rows]
          await new Promise<void>((resolve) => {
            finishSnapshot = resolve
          })
          return state
        },
        mutations: {
          'todo:create': async ({
            input,
            publish,
          }: {
            input: Todo
            publish: (event: string, data: Todo) => void
          }) => {
            steps.push(`run ${input.id}`)
            rows.push(input)
            if (input.id === 'a')
              await new Promise<void>((resolve) => {
                finishHandler = resolve
              })
            publish('todo:created', input)
            return input
          },
        },
      },
    )
    const peer = await client()
    peer.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    peer.send({ type: 'snapshot', channel: 'todos' })
    await time.settle()
    peer.send(writes(2, [{ id: 'b' }]))
    await time.settle()
    expect(steps).toEqual(['run a'])
    finishHandler?.()
    await time.settle()
    expect(steps).toEqual(['run a', 'snapshot'])
    finishSnapshot?.()
    await time.settle()
    expect(steps).toEqual(['run a', 'snapshot', 'run b'])
    expect(peer.last('snapshot')).toMatchObject({ position: { seq: 1 }, state: [todo('a')] })
  })

  it('that fail or hang say when to ask again, and let the writes go on', async () => {
    let hang = false
    const { client, time, log } = await start(
      {},
      {
        snapshot: () => {
          if (hang) return new Promise(() => undefined)
          throw new Error('secret')
        },
      },
    )
    const peer = await client({ frames: [join(undefined, true)] })
    await time.settle()
    expect(peer.last('joined').snapshot).toBeUndefined()
    expect(peer.last('snapshot').error).toEqual({ code: 'snapshot-failed', retryAfter: 1_000 })
    expect(log.some(({ message }) => message === 'snapshot failed')).toBe(true)
    hang = true
    peer.send({ type: 'snapshot', channel: 'todos' })
    await time.settle()
    peer.send(writes(1, [{ id: 'a' }]))
    await time.advance(10_000)
    expect(peer.all('snapshot')).toHaveLength(2)
    expect(peer.last('answers').answers[0]?.[2]).toBe('accepted')
  })

  const slowHandlers = (slow: Promise<void>) => ({
    'todo:create': async ({
      input,
      publish,
    }: {
      input: Todo
      publish: (event: string, data: Todo) => void
    }) => {
      if (input.id === 'slow') await slow
      publish('todo:created', input)
      return input
    },
  })

  it('give up soon where a handler hangs, and hold nobody else up', async () => {
    const { client, time } = await start({}, { mutations: slowHandlers(new Promise(() => undefined)) })
    const [slow, other, joining] = [
      await client(),
      await client({ client: 'b' }),
      await client({ client: 'c' }),
    ]
    slow.send(writes(1, [{ id: 'slow' }]))
    await time.settle()
    joining.send(join(undefined, true))
    await time.settle()
    other.send(writes(1, [{ id: 'a' }], { client: 'b' }))
    await time.advance(1_000)
    expect(joining.last('snapshot').error).toMatchObject({ code: 'snapshot-failed', retryAfter: 1_000 })
    expect(other.last('answers').answers[0]?.[2]).toBe('accepted')
    expect(slow.all('answers')).toEqual([])
  })

  it('are read once the handler is done, if that is soon', async () => {
    let done: () => void = () => undefined
    const slow = new Promise<void>((resolve) => {
      done = resolve
    })
    const { client, time } = await start({}, { mutations: slowHandlers(slow) })
    const peer = await client()
    peer.send(writes(1, [{ id: 'slow' }]))
    await time.settle()
    peer.send({ type: 'snapshot', channel: 'todos' })
    await time.advance(500)
    done()
    await time.settle()
    await time.settle()
    expect(peer.last('snapshot')).toMatchObject({ position: { seq: 1 } })
    await time.advance(5_000)
    expect(peer.all('snapshot')).toHaveLength(1)
  })

  it('hold writes up no longer than allowed', async () => {
    const { client, time } = await start(
      { snapshotTimeout: 300 },
      { snapshot: () => new Promise(() => undefined) },
    )
    const peer = await client({ frames: [{ type: 'snapshot', channel: 'todos' }] })
    await time.settle()
    peer.send(writes(1, [{ id: 'a' }]))
    await time.advance(299)
    expect(peer.all('answers')).toEqual([])
    await time.advance(1)
    expect(peer.last('snapshot').error?.code).toBe('snapshot-failed')
    expect(peer.last('answers').answers[0]?.[2]).toBe('accepted')
  })

  it('that violate the schema fail, and say so', async () => {
    const { hub, client, time } = startTestHub()
    const validate = () => ({ issues: [{ message: 'no todos' }] })
    const snapshot = { '~standard': { version: 1, vendor: 'test', validate } } as const
    hub.serve(defineChannel('checked', { snapshot, events: {} }), { snapshot: () => 'secret' })
    const peer = await client({ frames: [{ type: 'snapshot', channel: 'checked' }] })
    await time.settle()
    expect(peer.last('snapshot').error).toMatchObject({
      code: 'snapshot-failed',
      detail: "What it returned violates the schema; the hub's log says where.",
    })
  })

  it('that are too large fail, and say so', async () => {
    const { client, time, log } = await start(
      { limits: { snapshotBytes: 1_000 } },
      { snapshot: () => [{ id: 'large', text: 'x'.repeat(1_000) }] },
    )
    const peer = await client({ frames: [join(undefined, true)] })
    await time.settle()
    const { error } = peer.last('snapshot')
    expect(error).toMatchObject({ code: 'snapshot-failed', detail: expect.stringContaining('1000 bytes') })
    expect(log.some(({ message, level }) => message === 'snapshot failed' && level === 'error')).toBe(true)
  })

  it('are read so many at a time, in the order in which they were asked for', async () => {
    const asked: string[] = []
    let reading = 0
    let most = 0
    const ends: (() => void)[] = []
    const { gateway, time } = await start(
      { limits: { snapshotReads: 2 }, authenticate: ({ token = '' }) => ({ id: token }) },
      {
        snapshot: async ({ user }: { user: Identity }) => {
          asked.push(user.id)
          most = Math.max(most, ++reading)
          await new Promise<void>((resolve) => ends.push(resolve))
          reading--
          if (user.id === '2') throw new Error('broken')
          return []
        },
      },
    )
    const peers = ['1', '2', '3', '4', '5'].map((token) =>
      gateway.connect({ token, client: token, frames: [join(undefined, true)] }),
    )
    for (let round = 0; round < 5; round++) {
      await time.settle()
      ends.shift()?.()
    }
    await time.settle()
    expect([asked, most]).toEqual([['1', '2', '3', '4', '5'], 2])
    expect(peers.map((peer) => peer.all('joined').length)).toEqual([1, 1, 1, 1, 1])
  })

  it('share one read within a session, and none between sessions, whose claims may differ', async () => {
    const read = vi.fn(async ({ user }: { user: Identity & { role: string } }) => [todo(user.role)])
    const { gateway, time } = await start(
      { authenticate: ({ token = '' }) => ({ id: 'ada', role: token }) },
      { snapshot: read },
    )
    const peers = ['admin', 'guest'].map((token) =>
      gateway.connect({ token, frames: [join(undefined, true), { type: 'snapshot', channel: 'todos' }] }),
    )
    await time.settle()
    await time.settle()
    const states = peers.flatMap((peer) => [peer.last('joined').snapshot?.state, peer.last('snapshot').state])
    expect((states as Todo[][]).map(([first]) => first?.id)).toEqual(['admin', 'admin', 'guest', 'guest'])
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('share one read among all where nobody is told from anybody', async () => {
    const read = vi.fn(async () => [todo('a')])
    const { gateway, time } = await start({}, { snapshot: read })
    const peers = ['1', '2', '3'].map((client) =>
      gateway.connect({ client, frames: [join(undefined, true)] }),
    )
    await time.settle()
    await time.settle()
    for (const peer of peers) expect(peer.last('joined').snapshot?.state).toEqual([todo('a')])
    expect(read).toHaveBeenCalledTimes(1)
  })
})

describe('hub.publish', () => {
  it('says where the message is, and refuses what is not in the contract', async () => {
    const { hub, time } = await start()
    const failure = (publishing: Promise<unknown>) =>
      publishing.then(
        () => 'resolved',
        (error) => (error instanceof SynclineError ? error.code : error),
      )
    const first = hub.publish(todos, 'todo:created', todo('a'))
    await time.settle()
    expect((await first).seq).toBe(1)
    expect(await failure(hub.publish(todos, 'nope' as never, todo('a') as never))).toBe('unknown-event')
    expect(await failure(hub.publish(todos, 'todo:created', { id: 1 } as never))).toBe('schema-violation')
    expect(await failure(hub.publish(board, { id: 1 }, 'moved', { x: 1 }))).toBe('unknown-channel')
    expect(
      await failure(hub.publish(todos, 'todo:created', { ...todo('a'), text: 'x'.repeat(600_000) })),
    ).toBe('too-large')
  })

  it('never reorders, whatever a schema takes', async () => {
    const delays = new Map([
      ['slow', 50],
      ['fast', 0],
    ])
    const made = startTestHub()
    const { hub, time, client } = made
    const checked = defineChannel('checked', {
      events: {
        said: {
          '~standard': {
            version: 1,
            vendor: 'test',
            validate: (value) => {
              const delay = delays.get(String(value)) ?? 0
              if (delay === 0) return { value }
              return new Promise((resolve) => time.environment.setTimer(delay, () => resolve({ value })))
            },
          },
        },
        plain: type<string>(),
      },
    })
    hub.serve(checked, {})
    const peer = await client({ frames: [{ type: 'join', channel: 'checked' }] })
    await time.settle()
    void hub.publish(checked, 'said', 'slow')
    void hub.publish(checked, 'said', 'fast')
    void hub.publish(checked, 'plain', 'last')
    await time.advance(60)
    expect(peer.all('messages').flatMap(({ messages }) => messages.map((message) => message[4]))).toEqual([
      'slow',
      'fast',
      'last',
    ])
  })

  it('sends the form that came in, not the form that a schema made of it', async () => {
    const made = startTestHub()
    const trimmed = defineChannel('trimmed', {
      events: { said: (await import('zod')).z.string().transform((text) => text.length) },
    })
    made.hub.serve(trimmed, {})
    const peer = await made.client({ frames: [{ type: 'join', channel: 'trimmed' }] })
    await made.time.settle()
    void made.hub.publish(trimmed, 'said', 'four')
    await made.time.settle()
    expect(peer.last('messages').messages[0]?.[4]).toBe('four')
  })
})

describe('fanning out', () => {
  it('encodes once for all who stand at the same position', async () => {
    const { client, time, hub, gateway } = await start()
    const peers: TestPeer[] = []
    for (let count = 0; count < 5; count++) peers.push(await client({ frames: [join()] }))
    await time.settle()
    for (let n = 0; n < 10; n++) void hub.publish(todos, 'todo:created', todo(`t${n}`))
    await time.settle()
    expect(gateway.deliveries).toEqual([5])
    for (const peer of peers) expect(received(peer)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('gathers for a busy peer, and gives it everything in one frame when it is drained', async () => {
    const { client, time, fill } = await start()
    const slow = await client({ frames: [join()] })
    const fast = await client({ frames: [join()] })
    await time.settle()
    await fill(1)
    slow.stall()
    await fill(5)
    expect(received(slow)).toEqual([1])
    expect(fast.all('messages')).toHaveLength(6)
    slow.drain()
    expect(slow.all('messages').map(seqs)).toEqual([[1], [2, 3, 4, 5, 6]])
    await fill(1)
    expect(received(slow).at(-1)).toBe(7)
    expect(received(fast)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('splits what is more than a frame over turns, with the head in each', async () => {
    const { client, time, hub } = await start({ limits: { fanOutMessages: 4 } })
    const peer = await client({ frames: [join()] })
    await time.settle()
    for (let n = 0; n < 10; n++) void hub.publish(todos, 'todo:created', todo(`t${n}`))
    await time.settle()
    await time.settle()
    expect(peer.all('messages').map((frame) => [seqs(frame).length, frame.head?.seq])).toEqual([
      [4, 10],
      [4, 10],
      [2, undefined],
    ])
  })

  it('splits what is more bytes than a frame over turns, with one message in each at least', async () => {
    const { client, time, hub } = await start({ limits: { fanOutBytes: 1_000 } })
    const peer = await client({ frames: [join()] })
    await time.settle()
    for (const size of [300, 300, 300, 2_000, 300])
      void hub.publish(todos, 'todo:created', { id: 'a', text: 'x'.repeat(size) })
    await time.settle()
    await time.settle()
    expect(peer.all('messages').map((frame) => [seqs(frame), frame.head?.seq])).toEqual([
      [[1, 2], 5],
      [[3], 5],
      [[4], 5],
      [[5], undefined],
    ])
  })

  it('keeps one who joins in the middle of a burst in order', async () => {
    const { client, time, hub, gateway } = await start({ limits: { fanOutMessages: 2 } })
    const first = await client({ frames: [join()] })
    await time.settle()
    for (let n = 0; n < 20; n++) void hub.publish(todos, 'todo:created', todo(`t${n}`))
    await new Promise((resolve) => setImmediate(resolve))
    const late = gateway.connect({ frames: [join()] })
    for (let turn = 0; turn < 8; turn++) await time.settle()
    const from = late.last('joined').start.seq
    void hub.publish(todos, 'todo:created', todo('end'))
    await time.settle()
    expect(received(first)).toEqual(Array.from({ length: 21 }, (_, index) => index + 1))
    expect(received(late)).toEqual(Array.from({ length: 21 - from }, (_, index) => from + index + 1))
  })

  it('tells one who fell behind what is kept only the head, so that it fetches', async () => {
    const { client, time, fill } = await start({ limits: { recentMessages: 3 } })
    const slow = await client({ frames: [join()] })
    await time.settle()
    slow.stall()
    await fill(8)
    slow.drain()
    expect(slow.last('messages')).toMatchObject({ messages: [], head: { seq: 8 } })
    await fill(1)
    expect(received(slow)).toEqual([9])
  })

  it('cuts one whose buffer is beyond the bound, or who takes nothing for too long', async () => {
    const { client, time, fill } = await start({
      limits: { bufferedBytes: 500, cutBytes: 1_000, slowFor: 5_000, stalledFor: 30_000 },
    })
    const heavy = await client({ frames: [join()] })
    const flooded = await client({ frames: [join()] })
    const burst = await client({ frames: [join()] })
    const stuck = await client({ frames: [join()] })
    const fine = await client({ frames: [join()] })
    await time.settle()
    heavy.stall(2_000)
    flooded.stall(4_001)
    burst.stall(2_000)
    stuck.stall()
    await fill(1)
    expect(flooded.last('bye').error.code).toBe('slow-consumer')
    await time.advance(4_999)
    burst.drain()
    expect([heavy, burst, stuck].map(({ closed }) => closed)).toEqual([false, false, false])
    await time.advance(1)
    expect(heavy.last('bye').error.code).toBe('slow-consumer')
    expect([burst.closed, received(burst), stuck.closed]).toEqual([false, [1], false])
    await time.advance(60_000)
    expect(stuck.last('bye').error.code).toBe('slow-consumer')
    await fill(1)
    expect([fine.closed, received(fine)]).toEqual([false, [1, 2]])
  })

  it('gives a client frames of any size, one after the other as it takes them', async () => {
    const { client, time } = await start(
      { limits: { bufferedBytes: 500, cutBytes: 1_000, slowFor: 5_000, snapshotBytes: 10_000 } },
      { snapshot: () => [{ id: 'large', text: 'x'.repeat(9_000) }] },
    )
    const peer = await client()
    peer.queue()
    for (let count = 0; count < 3; count++) peer.send({ type: 'snapshot', channel: 'todos' })
    await time.settle()
    peer.send({ type: 'ping' })
    await time.advance(8_000)
    expect([peer.all('snapshot').length, peer.closed]).toEqual([1, false])
    peer.taken()
    await time.settle()
    expect([peer.all('snapshot').length, peer.closed]).toEqual([2, false])
    for (let count = 0; count < 100; count++) peer.send({ type: 'ping' })
    await time.advance(5_000)
    expect(peer.last('bye').error.code).toBe('slow-consumer')
  })

  it('sends heads in every heartbeat, so that a lost last message is noticed', async () => {
    const { client, time, fill } = await start()
    const peer = await client({ frames: [join()] })
    await time.settle()
    await fill(1)
    const before = peer.all('heads').length
    await time.advance(15_000)
    expect(peer.all('heads').length).toBeGreaterThan(before)
    expect(peer.last('heads').heads).toEqual([['todos', anchorOf(peer, 1)]])
    await fill(1)
    await time.advance(15_000)
    expect(peer.last('heads').heads[0]?.[1].seq).toBe(2)
  })

  it('takes a link out that closes while it is written to', async () => {
    const { client, time, fill } = await start()
    const peers: TestPeer[] = []
    for (let count = 0; count < 4; count++) peers.push(await client({ frames: [join()] }))
    await time.settle()
    const first = peers[0] as TestPeer
    const frames = first.frames as HubFrame[]
    frames.push = (...got) => {
      first.cut()
      return Array.prototype.push.apply(frames, got)
    }
    await fill(3)
    expect(received(first)).toEqual([1])
    for (const peer of peers.slice(1)) expect(received(peer)).toEqual([1, 2, 3])
  })
})
