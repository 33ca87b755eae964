import { SynclineError } from '@syncline/core'
import type { HubFrame } from '@syncline/core/protocol'
import { createVirtualTime } from '@syncline/testing'
import { createStubHub, outgoing, type StubLink } from '@syncline/testing/adapter'
import { describe, expect, it } from 'vitest'
import { createHandler } from './create-handler.ts'
import { createUplinkSessions } from './create-uplink-sessions.ts'
import type { UplinkSession, UplinkSessionsOptions } from './uplink-session.ts'

const heartbeat = 10_000
const welcome: HubFrame = {
  type: 'welcome',
  version: 1,
  session: 's',
  subject: 'ada',
  heartbeat,
  limits: { frameBytes: 1, writesInFlight: 1, channels: 1 },
}
const bye: HubFrame = { type: 'bye', error: { code: 'hub-closing', retryAfter: 40 } }
const heads = (seq: number): HubFrame => ({ type: 'heads', heads: [['todos', { epoch: 'e', seq, id: 'm' }]] })
const entered = (id: string): HubFrame => ({ type: 'entered', channel: 'todos', id })

const setUp = (
  options: Partial<UplinkSessionsOptions> = {},
  on: Parameters<typeof createStubHub>[0] = {},
) => {
  const time = createVirtualTime()
  const woken: UplinkSession[] = []
  const closed: UplinkSession[] = []
  const hub = createStubHub({
    environment: time.environment,
    heartbeat,
    connect: ({ peer }) => peer.send(outgoing(welcome)),
    ...on,
  })
  const uplink = createUplinkSessions({
    name: 'toy',
    wake: (session) => void woken.push(session),
    closed: (session) => void closed.push(session),
    ...options,
  })
  uplink.start(hub)
  const handler = createHandler({
    routes: uplink.routes,
    health: () => ({ ok: true }),
    maxBytes: 1_000_000,
    report: () => undefined,
  })
  const ask = async (
    path: string,
    body: unknown,
    token: string | undefined = 'token',
    init?: RequestInit,
  ) => {
    const response = await handler(
      new Request(`http://hub/syncline/toy${path}`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        ...init,
      }),
    )
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  const open = async () => {
    const { body } = await ask('', { frames: [{ type: 'hello' }] })
    const link = hub.links.at(-1) as StubLink
    const send = (frames: unknown, token?: string, init?: RequestInit) =>
      ask('/send', { session: body.session, frames }, token, init)
    const say = (...frames: HubFrame[]) => {
      for (const frame of frames) link.peer.send(outgoing(frame))
    }
    return { ...body, link, send, say }
  }
  return { time, hub, uplink, ask, open, woken, closed }
}

/** What a promise has come to without the clock moving. */
const settled = async <T>(time: { settle(): Promise<void> }, promise: Promise<T>): Promise<T | 'held'> => {
  await time.settle()
  return Promise.race([promise, Promise.resolve('held' as const)])
}

describe('the opening of an uplink session', () => {
  it('waits for the welcome, and tells what the transport needs', async () => {
    const { ask, hub, time, uplink } = setUp(
      { provided: async (session) => ({ prefix: 'p', subject: (await session.grant()).subject }) },
      { connect: () => undefined },
    )
    const opening = ask('', { frames: [{ type: 'hello' }] })
    expect(await settled(time, opening)).toBe('held')
    await time.advance(9_000)
    expect(await settled(time, opening)).toBe('held')
    const { peer, opening: got } = hub.links[0] as StubLink
    expect(got).toMatchObject({ token: 'token', frames: [{ type: 'hello' }] })
    peer.send(outgoing(welcome))
    const { status, body } = await opening
    expect(status).toBe(200)
    expect(body).toEqual({
      frames: [welcome],
      session: expect.any(String),
      wake: peer.id,
      heartbeat,
      provider: { prefix: 'p', subject: 'ada' },
    })
    expect(body.session).not.toBe(body.wake)
    expect([...uplink.sessions].map(({ wakeId }) => wakeId)).toEqual([body.wake])
  })

  it('that is refused brings the bye, and no session', async () => {
    const { ask, uplink, time } = setUp(
      {},
      {
        connect: ({ peer }) => {
          peer.send(outgoing(bye))
          peer.close()
        },
      },
    )
    expect((await ask('', { frames: [] })).body).toEqual({ frames: [bye] })
    expect([...uplink.sessions]).toEqual([])
    await time.advance(3 * heartbeat)
    expect(time.timers).toBe(0)
  })

  it('whose client hangs up ends the session', async () => {
    const { ask, hub, time } = setUp({}, { connect: () => undefined })
    const hangUp = new AbortController()
    const opening = ask('', { frames: [] }, 'token', { signal: hangUp.signal })
    await time.settle()
    hangUp.abort()
    await opening
    expect(hub.links[0]?.closed).toBe(true)
  })

  it('fails with what the gateway cannot provide', async () => {
    const { ask, hub } = setUp({
      provided: () => {
        throw new SynclineError('try-later', { retryAfter: 2_000 })
      },
    })
    const { status, body } = await ask('', { frames: [] })
    expect([status, body.error]).toMatchObject([503, { code: 'try-later', retryAfter: 2_000 }])
    expect(hub.links[0]?.closed).toBe(true)
  })
})

describe('a request of an uplink session', () => {
  it('needs the session and its token', async () => {
    const { ask, open } = setUp()
    const { session, send, link } = await open()
    expect(await ask('/send', { session: 'other', frames: [1] })).toMatchObject({
      status: 404,
      body: { error: { code: 'transport-failed' } },
    })
    expect(await ask('/send', { session: [session], frames: [1] })).toMatchObject({ status: 404 })
    for (const token of ['other', '', undefined]) {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      expect(await send([1], 'token', { headers })).toMatchObject({
        status: 401,
        body: { error: { code: 'unauthenticated' } },
      })
    }
    expect(link.received).toEqual([])
    expect(await send([{ type: 'ping' }])).toMatchObject({ status: 200, body: { frames: [] } })
    expect(link.received).toEqual([{ type: 'ping' }])
  })

  it('may use a fresh token, and for a moment still the one before', async () => {
    const { open } = setUp()
    const { send } = await open()
    const status = async (frames: unknown, token: string) => (await send(frames, token)).status
    expect(await status([{ type: 'auth', token: 'second' }], 'token')).toBe(200)
    expect([await status([], 'second'), await status([], 'token')]).toEqual([200, 200])
    expect(await status([{ type: 'auth', token: 'third' }], 'second')).toBe(200)
    expect([await status([], 'third'), await status([], 'second'), await status([], 'token')]).toEqual([
      200, 200, 401,
    ])
  })

  it.each<[string, unknown, number, string]>([
    ['no JSON', 'text', 400, 'malformed-frame'],
    ['no object', [], 400, 'malformed-frame'],
    ['null', 'null', 400, 'malformed-frame'],
    ['too much', { frames: 'x'.repeat(70_000) }, 413, 'too-large'],
  ])('is refused with %s', async (_, body, status, code) => {
    const { ask } = setUp()
    for (const path of ['', '/send'])
      expect(await ask(path, body)).toMatchObject({ status, body: { error: { code } } })
  })

  it('is a POST', async () => {
    const { ask } = setUp()
    const headers = {}
    expect(await ask('', null, undefined, { method: 'GET', body: null, headers })).toMatchObject({
      status: 405,
      body: { error: { code: 'method-not-allowed' } },
    })
  })

  it('is held while the hub works on it, and answered as soon as frames wait', async () => {
    const { open, time, woken } = setUp()
    const { send, link, say } = await open()
    link.working = true
    const asking = send([{ type: 'ping' }])
    expect(await settled(time, asking)).toBe('held')
    link.working = false
    say(entered('a'), entered('b'))
    expect((await asking).body).toEqual({ frames: [entered('a'), entered('b')] })
    expect(woken).toEqual([])
  })

  it('is asked for more while the hub still works after a part of the answers', async () => {
    const { open, time, woken } = setUp()
    const { send, link, say } = await open()
    link.working = true
    const asking = send([])
    await time.settle()
    say(entered('a'))
    expect((await asking).body).toEqual({ frames: [entered('a')], more: true })
    say(entered('b'))
    expect(woken).toEqual([])
    await time.advance(1_000)
    expect(woken).toHaveLength(1)
  })

  it('is not held for ever: what comes later wakes the client', async () => {
    const { open, time, woken } = setUp()
    const { send, link, say, wake } = await open()
    link.working = true
    const asking = send([])
    await time.advance(249)
    expect(await settled(time, asking)).toBe('held')
    await time.advance(1)
    expect((await asking).body).toEqual({ frames: [] })
    say(entered('a'))
    expect(woken.map(({ wakeId }) => wakeId)).toEqual([wake])
    expect((await send([])).body.frames).toEqual([entered('a')])
  })

  it('takes the place of one that is held, and gets what waits', async () => {
    const { open, time } = setUp()
    const { send, link, say } = await open()
    link.working = true
    const first = send([1])
    await time.settle()
    const second = send([2])
    expect((await first).body).toEqual({ frames: [] })
    say(entered('a'))
    expect((await second).body.frames).toEqual([entered('a')])
    expect(link.received).toEqual([1, 2])
  })

  it('that was hung up on takes nothing away', async () => {
    const { open, time } = setUp()
    const { send, link, say } = await open()
    link.working = true
    const hangUp = new AbortController()
    const gone = send([], 'token', { signal: hangUp.signal })
    await time.settle()
    hangUp.abort()
    say(entered('a'))
    expect((await gone).body.frames).toEqual([])
    link.working = false
    expect((await send([])).body.frames).toEqual([entered('a')])
  })

  it('ends the session', async () => {
    const { ask, open, closed, time } = setUp()
    const { session, link, wake } = await open()
    expect(await ask('/close', { session }, 'other')).toMatchObject({ status: 401 })
    expect(await ask('/close', { session })).toMatchObject({ status: 204 })
    expect(link.closed).toBe(true)
    expect(closed.map(({ wakeId }) => wakeId)).toEqual([wake])
    expect(await ask('/send', { session, frames: [] })).toMatchObject({ status: 404 })
    await time.advance(heartbeat)
    expect(time.timers).toBe(0)
  })

  it('asks the gateway for what the provider needs', async () => {
    const { ask, open } = setUp(
      {
        actions: {
          auth: async (session, { channel }) => ({ for: await session.grant(channel as string) }),
          nothing: () => undefined,
        },
      },
      {
        grant: (_, channel) => {
          if (channel === 'secret') throw new SynclineError('forbidden')
          return { subject: 'ada', expiresAt: 7 }
        },
      },
    )
    const { session } = await open()
    expect(await ask('/auth', { session, channel: 'todos' })).toEqual({
      status: 200,
      body: { for: { subject: 'ada', expiresAt: 7 } },
    })
    expect(await ask('/nothing', { session })).toEqual({ status: 200, body: null })
    expect(await ask('/auth', { session, channel: 'secret' })).toMatchObject({
      status: 403,
      body: { error: { code: 'forbidden' } },
    })
    expect(await ask('/auth', { session }, 'other')).toMatchObject({ status: 401 })
    for (const action of ['other', 'constructor'])
      expect(await ask(`/${action}`, { session })).toMatchObject({
        status: 404,
        body: { error: { code: 'not-found' } },
      })
  })
})

it('is served under a base path that ends with the same word', async () => {
  const { uplink } = setUp()
  const ask = (path: string, body: unknown) =>
    uplink.routes.toy?.(
      new Request(`http://hub/api/toy/toy${path}`, { method: 'POST', body: JSON.stringify(body) }),
    )
  const opened = await (await ask('', { frames: [{ type: 'hello' }] }))?.json()
  expect(opened).toMatchObject({ frames: [welcome], session: expect.any(String) })
  expect((await ask('/send', { session: opened.session, frames: [] }))?.status).toBe(200)
})

describe('a request that arrives twice', () => {
  it('as a network may send it again by itself, gets the same answer, and is taken once', async () => {
    const { open, ask } = setUp()
    const { session, say, link } = await open()
    const post = (n: number, ...frames: unknown[]) => ask('/send', { session, n, frames })
    say(entered('a'))
    const lost = await post(1, { type: 'ping' })
    say(entered('b'))
    expect(await post(1, { type: 'ping' })).toEqual(lost)
    expect(link.received).toHaveLength(1)
    expect((await post(2)).body.frames).toEqual([entered('b')])
    // A copy that comes last of all finds nothing left.
    expect((await post(1, { type: 'ping' })).body.frames).toEqual([])
    expect(link.received).toEqual([{ type: 'ping' }])
  })

  it('ends the session where the lost answer was too large to be kept', async () => {
    const { open, ask } = setUp()
    const { session, say, link } = await open()
    say(entered('x'.repeat(100_000)))
    await ask('/send', { session, n: 1, frames: [] })
    const { body } = await ask('/send', { session, n: 1, frames: [] })
    expect(body.error?.code).toBe('transport-failed')
    expect(link.closed).toBe(true)
  })

  it('while the first is held, takes its place', async () => {
    const { open, ask, time } = setUp()
    const { session, say, link } = await open()
    const post = (n: number) => ask('/send', { session, n, frames: [{ type: 'ping' }] })
    link.working = true
    const first = post(1)
    await time.settle()
    const second = post(1)
    await time.settle()
    say(entered('a'))
    expect((await second).body.frames).toEqual([entered('a')])
    expect((await first).body.frames).toEqual([])
    expect(link.received).toHaveLength(1)
  })
})

describe('what the hub says meanwhile', () => {
  it('wakes the client once, and again later and later until it asks', async () => {
    const { open, time, woken } = setUp()
    const { send, say } = await open()
    say(entered('a'), entered('b'))
    say(entered('c'))
    expect(woken).toHaveLength(1)
    await time.advance(1_000)
    expect(woken).toHaveLength(2)
    await time.advance(1_999)
    expect(woken).toHaveLength(2)
    await time.advance(1)
    expect(woken).toHaveLength(3)
    expect((await send([])).body.frames).toHaveLength(3)
    await time.advance(9_000)
    expect(woken).toHaveLength(3)
    say(entered('d'))
    expect(woken).toHaveLength(4)
  })

  it('wakes on while the client asks for other things only: they bring nothing of it', async () => {
    const { open, ask, time, woken } = setUp({ actions: { token: () => 'a token' } })
    const { session, send, say } = await open()
    const first = { session, n: 1, frames: [] }
    const { body } = await ask('/send', first)
    say(entered('a'))
    expect(woken).toHaveLength(1)
    expect((await ask('/token', { session })).status).toBe(200)
    expect((await ask('/send', first)).body).toEqual(body)
    await time.advance(1_000)
    expect(woken).toHaveLength(2)
    await ask('/else', { session })
    await time.advance(2_000)
    expect(woken).toHaveLength(3)
    expect((await send([])).body.frames).toEqual([entered('a')])
    await time.advance(9_000)
    expect(woken).toHaveLength(3)
  })

  it('wakes nobody for heads: the newest ones wait for whoever asks', async () => {
    const { open, woken } = setUp()
    const { send, say } = await open()
    say(heads(1), heads(2))
    expect(woken).toEqual([])
    say(entered('a'))
    say(heads(3))
    expect((await send([])).body.frames).toEqual([entered('a'), heads(3)])
    expect((await send([])).body.frames).toEqual([])
  })

  it('is told in parts where there is much of it', async () => {
    const { open } = setUp()
    const { send, say, link } = await open()
    const large = 'x'.repeat(400_000)
    say(entered(`1${large}`), entered(`2${large}`))
    expect(link.peer.busy).toBe(false)
    say(entered(`3${large}`), entered(`4${large}`))
    expect(link.peer.busy).toBe(true)
    const drained = link.drained
    const first = (await send([])).body
    expect([first.frames.length, first.more]).toEqual([3, true])
    expect(link.drained).toBe(drained + 1)
    expect(link.peer.busy).toBe(false)
    const second = (await send([])).body
    expect([second.frames.length, second.more]).toEqual([1, undefined])
    expect(link.peer.bufferedBytes).toBe(0)
  })

  it('is dropped but for the last word where too much of it was left waiting', async () => {
    const { open } = setUp()
    const { send, say, link } = await open()
    for (let n = 0; n < 4; n++) say(entered('x'.repeat(400_000)))
    say(bye)
    link.peer.close()
    expect((await send([])).body).toEqual({ frames: [bye] })
    expect(await send([])).toMatchObject({ status: 404 })
  })

  it('is kept, and the failure logged, where waking fails', async () => {
    let thrown: 'throw' | 'reject' = 'throw'
    const { open, hub, time } = setUp({
      wake: () => {
        if (thrown === 'throw') throw new Error('down')
        return Promise.reject(new Error('down'))
      },
    })
    const { send, say } = await open()
    say(entered('a'))
    thrown = 'reject'
    await time.advance(1_000)
    expect(hub.logged).toHaveLength(2)
    expect((await send([])).body.frames).toEqual([entered('a')])
  })

  it('wakes a client that fell silent, for a page that nobody sees has no timers of its own', async () => {
    const { open, time, woken } = setUp()
    const { send, link } = await open()
    for (let beat = 0; beat < 10; beat++) {
      await time.advance(1.5 * heartbeat)
      await send([])
    }
    expect(woken).toHaveLength(0)
    const stop = time.environment.now() + 10 * heartbeat
    for (let seen = 0; time.environment.now() < stop; ) {
      await time.advance(heartbeat / 10)
      if (woken.length > seen) await send([])
      seen = woken.length
    }
    expect(link.closed).toBe(false)
    expect(woken.length).toBeLessThan(7)
  })

  it('goes nowhere once the client was not heard for two and a half heartbeats', async () => {
    const { open, time, closed } = setUp()
    const { send, link } = await open()
    await time.advance(2 * heartbeat)
    expect((await send([])).status).toBe(200)
    await time.advance(2.4 * heartbeat)
    expect(link.closed).toBe(false)
    await time.advance(heartbeat)
    expect(link.closed).toBe(true)
    expect(closed).toHaveLength(1)
    expect((await send([])).status).toBe(404)
    expect(time.timers).toBe(0)
  })
})

describe('as the hub closes', () => {
  const closing = (link: StubLink) => {
    link.peer.send(outgoing(bye))
    link.peer.close()
  }

  it('held requests are answered at once, and the others woken until they have fetched their bye', async () => {
    const { open, uplink, time, woken } = setUp()
    const [held, idle] = [await open(), await open()]
    held.link.working = true
    const asking = held.send([])
    await time.settle()
    closing(held.link)
    closing(idle.link)
    expect((await asking).body.frames).toEqual([bye])
    expect(woken.map(({ wakeId }) => wakeId)).toEqual([idle.wake])
    const stopped = uplink.stop(1_000).then(() => 'stopped')
    expect(await settled(time, stopped)).toBe('held')
    expect((await idle.send([])).body.frames).toEqual([bye])
    expect(await settled(time, stopped)).toBe('stopped')
    expect(time.timers).toBe(0)
  })

  it('nobody new is taken, and who does not come is not waited for', async () => {
    const { open, ask, uplink, time } = setUp()
    const { link, send } = await open()
    closing(link)
    const stopped = uplink.stop(1_000).then(() => 'stopped')
    expect(await ask('', { frames: [] })).toMatchObject({
      status: 503,
      body: { error: { code: 'hub-closing' } },
    })
    await time.advance(999)
    expect(await settled(time, stopped)).toBe('held')
    await time.advance(1)
    expect(await settled(time, stopped)).toBe('stopped')
    expect((await send([])).status).toBe(503)
    expect(time.timers).toBe(0)
  })

  it('sessions that the hub has not ended are ended', async () => {
    const { open, uplink, closed } = setUp()
    const { link } = await open()
    await uplink.stop()
    expect(link.closed).toBe(true)
    expect(closed).toHaveLength(1)
  })
})
