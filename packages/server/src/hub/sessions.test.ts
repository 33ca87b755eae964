import { SynclineError } from '@syncline/core'
import { describe, expect, it } from 'vitest'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { createTestHub, startTestHub, todos, writes } from '../testing/test-hub.ts'

const start = (options: Parameters<typeof createTestHub>[0] = {}) => {
  const made = startTestHub(options)
  made.hub.serve(todos, { snapshot: () => [], mutations: { 'todo:create': ({ input }) => input } })
  return made
}

describe('a session', () => {
  it('opens with whose it is and what the hub allows', async () => {
    const { client } = start({ authenticate: async ({ token = '' }) => ({ id: token }), heartbeat: 5_000 })
    const peer = await client({ token: 'ada', identity: 'ada' })
    expect(peer.frames[0]).toMatchObject({
      type: 'welcome',
      version: 1,
      subject: 'ada',
      heartbeat: 5_000,
      limits: { frameBytes: 1_048_576, writesInFlight: 256, channels: 200 },
    })
  })

  it('that is refused as expected is one line in the log, without a stack', async () => {
    const cause = new Error('ERR_JWS_INVALID: no dots')
    const { client, log } = start({
      authenticate: () => {
        throw new SynclineError('unauthenticated', { cause })
      },
    })
    await client()
    expect(log.filter(({ level }) => level === 'warn')).toEqual([
      expect.objectContaining({
        code: 'unauthenticated',
        message: 'authenticate refused a link: ERR_JWS_INVALID: no dots',
      }),
    ])
    expect(log.every(({ error }) => error === undefined)).toBe(true)
  })

  it('of somebody else is told who both are', async () => {
    const { client } = start({ authenticate: () => ({ id: 'eve' }) })
    const peer = await client({ identity: 'ada' })
    expect(peer.last('bye').error.detail).toBe('The token is "eve"\'s, the client "ada"\'s.')
  })

  it('without authenticate is told that there is none', async () => {
    const peer = await start().client({ identity: 'ada' })
    expect(peer.last('bye').error).toMatchObject({
      code: 'identity-mismatch',
      detail: 'This hub knows nobody, as it has no `authenticate`; the client is "ada"\'s.',
    })
  })

  it('is anonymous without authenticate', async () => {
    const { client } = start()
    expect((await client()).last('welcome').subject).toBe('anonymous')
  })

  it.each([
    ['another version', { type: 'hello', version: 99, client: 'c' }, 'protocol-version'],
    ['no hello', { type: 'ping' }, 'malformed-frame'],
    ['no client', { type: 'hello', version: 1 }, 'malformed-frame'],
    ['no frame', 'text', 'malformed-frame'],
    ['another person', { type: 'hello', version: 1, client: 'c', identity: 'eve' }, 'identity-mismatch'],
  ])('is refused with %s', async (_, hello, code) => {
    const { client, hub } = start()
    const peer = await client({ hello })
    expect(peer.frames).toEqual([
      expect.objectContaining({ type: 'bye', error: expect.objectContaining({ code }) }),
    ])
    expect(peer.closed).toBe(true)
    expect(hub.health().connections).toBe(0)
  })

  it.each([
    ['any error', new Error('the secret is 1234'), 'unauthenticated'],
    ['an expired token', new SynclineError('token-expired'), 'token-expired'],
    ['an outage', new SynclineError('try-later', { retryAfter: 5_000 }), 'try-later'],
  ])('is refused when authenticate throws %s', async (_, error, code) => {
    const { client } = start({ authenticate: () => Promise.reject(error) })
    const peer = await client({ token: 'x' })
    expect(peer.last('bye').error.code).toBe(code)
    expect(JSON.stringify(peer.frames)).not.toContain('1234')
  })

  it('waits for the store, and is refused if it cannot be opened', async () => {
    const { client, hub } = start({
      store: {
        ...(memoryStore() as HubStore),
        db: undefined,
        open: () => Promise.reject(new Error('locked')),
      },
    })
    hub.ready.catch(() => undefined)
    const peer = await client()
    expect(peer.last('bye').error).toMatchObject({ code: 'store-unavailable', retryAfter: 1_000 })
    expect(hub.health().status).toBe('starting')
  })

  it('takes in order what came before the welcome, up to a bound', async () => {
    const answers: (() => void)[] = []
    const { gateway, time } = start({
      authenticate: () => new Promise((resolve) => answers.push(() => resolve({ id: 'ada' }))),
    })
    const peer = gateway.connect()
    const greedy = gateway.connect()
    await time.settle()
    peer.send({ type: 'ping' })
    peer.send({ type: 'join', channel: 'todos' })
    greedy.sendRaw([], 700_000)
    greedy.sendRaw([], 700_000)
    expect(greedy.last('bye').error.code).toBe('too-large')
    for (const answer of answers) answer()
    await time.settle()
    expect(greedy.frames.map(({ type }) => type)).toEqual(['bye'])
    expect(peer.frames.map(({ type }) => type)).toEqual(['welcome', 'pong', 'joined'])
  })

  it('ends when its token does, unless a fresh one of the same person came', async () => {
    const expiresIn = 60_000
    const made = start({
      authenticate: ({ token = '' }) => {
        if (token === 'bad') throw new SynclineError('unauthenticated')
        return { id: token.split('.')[0] ?? '', expiresAt: made.time.environment.now() + expiresIn }
      },
    })
    const [late, fresh, other, bad] = await Promise.all(
      ['ada.1', 'ada.1', 'ada.1', 'ada.1'].map((token) => made.client({ token })),
    )
    await made.time.advance(50_000)
    fresh?.send({ type: 'auth', token: 'ada.2' })
    other?.send({ type: 'auth', token: 'eve.1' })
    bad?.send({ type: 'auth', token: 'bad' })
    await made.time.settle()
    expect(other?.last('bye').error.code).toBe('identity-mismatch')
    expect(bad?.last('bye').error.code).toBe('unauthenticated')
    await made.time.advance(10_000)
    expect(late?.last('bye').error.code).toBe('token-expired')
    expect(fresh?.closed).toBe(false)
    await made.time.advance(50_000)
    expect(fresh?.last('bye').error.code).toBe('token-expired')
  })

  it('goes on after frames it did not understand, up to a bound, and disturbs nobody else', async () => {
    const { client, time } = start({ limits: { malformedFrames: 16 } })
    const peer = await client()
    const neighbour = await client({ client: 'neighbour' })
    const bad: unknown[] = [
      'text',
      null,
      {},
      { type: 'toString' },
      { type: 'join' },
      { type: 'join', channel: 7 },
      { type: 'join', channel: 'todos', at: { epoch: 'e', seq: -1, id: '' } },
      { type: 'join', channel: 'todos', at: { epoch: 'e', seq: 1.5, id: '' } },
      { type: 'fetch', channel: 'todos', after: {} },
      { type: 'heads', channels: [1] },
      {
        type: 'writes',
        channel: 'todos',
        client: 'c',
        generation: 1,
        answered: 0,
        writes: [[0, 'a', 'mutate', 'm', 1, 1]],
      },
      {
        type: 'writes',
        channel: 'todos',
        client: 'c',
        generation: 1,
        answered: 0,
        writes: [[2 ** 53, 'a', 'mutate', 'm', 1, 1]],
      },
      { type: 'writes', channel: 'todos', client: 'c', generation: 0, answered: 0, writes: [] },
      { type: 'hello', version: 1, client: 'c' },
    ]
    peer.sendRaw([...bad, { type: 'ping' }])
    peer.sendRaw('not an array')
    peer.sendRaw([{ type: 'ping' }], 2_000_000)
    await time.settle()
    expect(peer.all('error').map(({ error }) => error.code)).toEqual([
      ...bad.map(() => 'malformed-frame'),
      'malformed-frame',
      'too-large',
    ])
    expect(peer.all('pong')).toHaveLength(1)
    peer.sendRaw([7])
    expect(peer.last('bye').error.code).toBe('malformed-frame')
    expect(neighbour.closed).toBe(false)
  })

  it('is refused when there are as many as allowed', async () => {
    const { client } = start({ limits: { connections: 1 } })
    const first = await client()
    const second = await client()
    expect(second.last('bye').error).toMatchObject({
      code: 'too-many-connections',
      retryAfter: expect.any(Number),
    })
    first.cut()
    expect((await client()).all('welcome')).toHaveLength(1)
  })

  it('is sent away when authenticate takes too long, at the start and later', async () => {
    let hang = true
    const { time, client, hub } = start({
      authenticateTimeout: 300,
      authenticate: () => (hang ? new Promise(() => undefined) : Promise.resolve({ id: 'ada' })),
    })
    const early = await client()
    await time.advance(299)
    expect(early.frames).toEqual([])
    await time.advance(1)
    expect(early.last('bye').error).toMatchObject({ code: 'try-later', retryAfter: 1_000 })
    expect([early.closed, hub.health().connections]).toEqual([true, 0])
    hang = false
    const later = await client()
    hang = true
    later.send({ type: 'auth', token: 'fresh' })
    await time.advance(300)
    expect(later.last('bye').error.code).toBe('try-later')
  })

  it('is sent away when the store takes too long to open', async () => {
    const store = memoryStore() as HubStore
    const { time, client } = start({
      authenticateTimeout: 300,
      store: { ...store, db: undefined, open: () => new Promise(() => undefined) },
    })
    const peer = await client()
    await time.advance(300)
    expect(peer.last('bye').error.code).toBe('store-unavailable')
  })

  it('is refused when too many are not authenticated yet, and counts no longer once it is', async () => {
    const ends: (() => void)[] = []
    const { time, client } = start({
      limits: { opening: 2 },
      authenticate: () => new Promise((resolve) => ends.push(() => resolve({ id: 'ada' }))),
    })
    const [a, b, c] = [await client(), await client(), await client()]
    expect(c.last('bye').error.code).toBe('too-many-connections')
    ends[0]?.()
    await time.settle()
    b.cut()
    const more = [await client(), await client()]
    expect(a.all('welcome')).toHaveLength(1)
    expect(more.map(({ closed }) => closed)).toEqual([false, false])
    expect((await client()).closed).toBe(true)
  })

  it('is told when it asks for too much at once', async () => {
    const { client, time } = start({ limits: { requestsInFlight: 1 } })
    const peer = await client()
    peer.send(
      { type: 'join', channel: 'todos' },
      { type: 'join', channel: 'todos' },
      { type: 'heads', channels: [] },
    )
    await time.settle()
    expect(peer.last('refused').error).toMatchObject({ code: 'rate-limited', retryAfter: 1_000 })
    expect(peer.last('error').error.code).toBe('rate-limited')
  })

  it('leaves no timer behind', async () => {
    const made = createTestHub()
    made.hub.serve(todos, { snapshot: () => [], mutations: { 'todo:create': async ({ input }) => input } })
    const peer = await made.client({ frames: [{ type: 'join', channel: 'todos', snapshot: true }] })
    peer.send(writes(1, [{ id: 'a' }]))
    await made.time.settle()
    await made.hub.close()
    expect(made.time.timers).toBe(0)
  })
})

describe('closing', () => {
  it('finishes what runs, tells when to come back, spread, and takes nothing new', async () => {
    let finish: (() => void) | undefined
    const made = createTestHub()
    const { hub, time, client } = made
    hub.serve(todos, {
      snapshot: () => [],
      mutations: {
        'todo:create': async ({ input }) => {
          await new Promise<void>((resolve) => {
            finish = resolve
          })
          return input
        },
      },
    })
    const peers = [await client(), await client({ client: 'b' }), await client({ client: 'c' })]
    const [peer] = peers
    peer?.send(writes(1, [{ id: 'a' }]))
    await time.settle()
    const closing = hub.close({ retryAfter: 2_000 })
    await time.advance(100)
    expect(hub.health().status).toBe('closing')
    expect(peer?.all('bye')).toHaveLength(0)
    expect((await client()).last('bye').error.code).toBe('hub-closing')
    peer?.send(writes(2, [{ id: 'b' }]))
    finish?.()
    await time.advance(50)
    await closing
    expect(peer?.all('answers').flatMap(({ answers }) => answers.map(([n]) => n))).toEqual([1])
    const waits = peers.map((each) => each?.last('bye').error.retryAfter ?? 0)
    expect(new Set(waits).size).toBe(3)
    for (const wait of waits) expect(wait >= 2_000 && wait < 6_000).toBe(true)
    expect(peers.every((each) => each?.closed)).toBe(true)
    await expect(hub.publish(todos, 'todo:created', { id: 'x', text: '' })).rejects.toMatchObject({
      code: 'closed',
    })
  })

  it('does not wait longer than allowed', async () => {
    const made = createTestHub()
    made.hub.serve(todos, {
      snapshot: () => [],
      mutations: { 'todo:create': () => new Promise(() => undefined) },
    })
    const peer = await made.client()
    peer.send(writes(1, [{ id: 'a' }]))
    await made.time.settle()
    const closing = made.hub.close({ within: 500 })
    await made.time.advance(500)
    await closing
    expect(peer.last('bye').error.code).toBe('hub-closing')
  })

  it('answers health over the uplink', async () => {
    const { hub, time } = start()
    await time.settle()
    const response = await hub.handler(new Request('http://hub/syncline/health'))
    expect([response.status, await response.json()]).toMatchObject([200, { status: 'ok', store: 'memory' }])
  })
})

describe('a hub whose store another hub took', () => {
  const fenceable = () => {
    const store = memoryStore() as HubStore
    let fenced = false
    return {
      fence: () => {
        fenced = true
      },
      store: {
        ...store,
        db: undefined,
        commit: (group) => (fenced ? Promise.reject(new SynclineError('fenced')) : store.commit(group)),
      } satisfies HubStore,
    }
  }

  it.each(['idle', 'busy'])('sends everybody away, takes nobody, and says so (%s)', async (when) => {
    const { store, fence } = fenceable()
    const { hub, time, client, log } = start({ store, heartbeat: 10_000 })
    const peer = await client({ frames: [{ type: 'join', channel: 'todos' }] })
    await time.settle()
    fence()
    if (when === 'busy') {
      peer.send(writes(1, [{ id: 'a' }]))
      await time.settle()
    } else await time.advance(10_000)
    expect(peer.last('bye').error).toMatchObject({ code: 'hub-closing' })
    expect(peer.last('bye').error.retryAfter).toBeGreaterThanOrEqual(1_000)
    expect(peer.closed).toBe(true)
    expect((await client({ client: 'b' })).last('bye').error.code).toBe('hub-closing')
    const response = await hub.handler(new Request('http://hub/syncline/health'))
    expect([response.status, await response.json()]).toMatchObject([503, { status: 'fenced' }])
    expect(log.filter(({ level, code }) => level === 'error' && code === 'fenced')).toHaveLength(1)
    await expect(hub.publish(todos, 'todo:created', { id: 'x', text: '' })).rejects.toMatchObject({
      code: 'fenced',
    })
  })
})

it('answers 503 for health while the store refuses', async () => {
  const store = memoryStore() as HubStore
  const { hub, time, client } = start({
    store: { ...store, db: undefined, commit: () => Promise.reject(new SynclineError('store-unavailable')) },
  })
  const peer = await client()
  peer.send(writes(1, [{ id: 'a' }]))
  await time.settle()
  const response = await hub.handler(new Request('http://hub/syncline/health'))
  expect([response.status, await response.json()]).toMatchObject([503, { status: 'failing' }])
})

describe('serving', () => {
  it('refuses patterns that could name the same channel', () => {
    const { hub } = start()
    expect(() =>
      hub.serve(todos, { snapshot: () => [], mutations: { 'todo:create': ({ input }) => input } }),
    ).toThrow(expect.objectContaining({ code: 'invalid-channel' }))
  })
})
