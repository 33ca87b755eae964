import { createVirtualTime } from '@syncline/testing'
import { describe, expect, it } from 'vitest'
import { SynclineError } from '../errors/syncline-error.ts'
import type { ClientFrame } from '../protocol/frames.ts'
import { createUplink, type UplinkOptions } from './create-uplink.ts'

const welcome = { type: 'welcome' }
const opened = { session: 's', wake: 'w', heartbeat: 10_000, provider: { prefix: 'p' }, frames: [welcome] }
/** JSON of which no text and no number can be made. */
const odd = { toString: null, valueOf: null }
const join = (channel: string): ClientFrame => ({ type: 'join', channel })

interface Asked {
  readonly path: string
  readonly body: { readonly session?: string; readonly frames?: readonly unknown[] }
  readonly authorization: string | null
  readonly init: RequestInit
  answer(body: unknown, status?: number, headers?: Record<string, string>): Promise<void>
  fail(error: Error): Promise<void>
}

const setUp = (options: Partial<UplinkOptions> = {}) => {
  const asked: Asked[] = []
  const received: (readonly unknown[])[] = []
  const errors: SynclineError[] = []
  const time = createVirtualTime({
    fetch: (url, init = {}) =>
      new Promise((resolve, reject) => {
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason))
        asked.push({
          path: String(url).slice('http://hub/toy'.length),
          body: JSON.parse(String(init.body)),
          authorization: new Headers(init.headers).get('authorization'),
          init,
          answer: (body, status = 200, headers = {}) => {
            resolve(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers }))
            return time.settle()
          },
          fail: (error) => {
            reject(error)
            return time.settle()
          },
        })
      }),
  })
  const uplink = createUplink({
    url: 'http://hub/toy',
    environment: time.environment,
    token: 'first',
    onFrames: (frames) => void received.push(frames),
    onError: (error) => void errors.push(error),
    ...options,
  })
  const at = (index: number): Asked => {
    const request = asked.at(index)
    if (!request) throw new Error(`Only ${asked.length} requests.`)
    return request
  }
  const open = async () => {
    const opening = uplink.open([{ type: 'hello', version: 1, client: 'c' }])
    await at(-1).answer(opened)
    return opening
  }
  return { uplink, time, asked, at, received, errors, open }
}

describe('opening', () => {
  it('tells what the hub says first', async () => {
    const { open, at, received } = setUp({ headers: () => ({ 'x-app': 'a' }), credentials: 'include' })
    expect(await open()).toEqual({ wake: 'w', provider: { prefix: 'p' }, frames: [welcome] })
    expect(at(0)).toMatchObject({ path: '', authorization: 'Bearer first' })
    expect(at(0).body).toEqual({ frames: [{ type: 'hello', version: 1, client: 'c' }] })
    expect(at(0).init).toMatchObject({ method: 'POST', credentials: 'include', headers: { 'x-app': 'a' } })
    expect(received).toEqual([])
  })

  it('is refused with the bye', async () => {
    const { uplink, at, received, errors } = setUp()
    const opening = uplink.open([])
    const bye = { type: 'bye', error: { code: 'hub-closing', retryAfter: 40 } }
    void at(0).answer({ frames: [bye] })
    await expect(opening).rejects.toMatchObject({ code: 'hub-closing', retryAfter: 40 })
    expect(received).toEqual([[bye]])
    expect(errors).toEqual([])
  })

  it.each<[string, (asked: Asked) => void, object]>([
    [
      'what the hub answers',
      ({ answer }) => void answer({ error: { code: 'hub-closing', retryAfter: 7 } }, 503),
      { code: 'hub-closing', retryAfter: 7 },
    ],
    [
      'the status of a proxy',
      ({ answer }) => void answer('<html>', 429, { 'retry-after': '3' }),
      { code: 'rate-limited', retryAfter: 3_000 },
    ],
    ['an unknown status', ({ answer }) => void answer('<html>', 502), { code: 'transport-failed' }],
    ['a page', ({ answer }) => void answer('<html>'), { code: 'transport-failed' }],
    ['another service', ({ answer }) => void answer({}), { code: 'transport-failed' }],
    ['null', ({ answer }) => void answer('null'), { code: 'transport-failed' }],
    [
      'no network',
      ({ fail }) =>
        void fail(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED', message: '' } as never })),
      { code: 'transport-failed', detail: 'http://hub/toy could not be reached: ECONNREFUSED.' },
    ],
  ])('fails with %s', async (_, act, error) => {
    const { uplink, at, errors } = setUp()
    const opening = uplink.open([])
    act(at(0))
    await expect(opening).rejects.toMatchObject(error)
    expect(errors).toEqual([])
  })
})

describe('an answer in the place of the hub’s', () => {
  it.each([
    [401, { error: { code: 401, message: 'Log in.' } }, 'unauthenticated'],
    [503, { error: 'busy' }, 'transport-failed'],
    [429, { error: { code: 'slow down', retryAfter: '30s' } }, 'rate-limited'],
    [401, { error: { code: 'unauthenticated', detail: odd } }, 'unauthenticated'],
    [503, { error: { code: 'busy', retryAfter: odd } }, 'transport-failed'],
    [200, { frames: [{ type: 'bye' }] }, 'transport-failed'],
    [200, { session: 's', heartbeat: odd, frames: [] }, 'transport-failed'],
    [200, { session: 's', heartbeat: 0, frames: [] }, 'transport-failed'],
  ])('with %i and %o is no error of the hub', async (status, body, code) => {
    const { uplink, at } = setUp()
    const refused = expect(uplink.open([])).rejects.toMatchObject({ name: 'SynclineError', code })
    await at(0).answer(body, status)
    await refused
  })
})

describe('sending', () => {
  it('is in order, one request at a time, and what comes meanwhile gathers', async () => {
    const { uplink, open, at, asked, received } = setUp()
    await open()
    uplink.send([join('a')])
    uplink.send([join('b')])
    uplink.send([join('c'), { type: 'ping' }])
    expect(asked).toHaveLength(2)
    expect(at(1)).toMatchObject({ path: '/send', body: { session: 's', n: 1, frames: [join('a')] } })
    await at(1).answer({ frames: [1, 2] })
    expect(received).toEqual([[1, 2]])
    expect(at(2).body).toEqual({ session: 's', n: 2, frames: [join('b'), join('c'), { type: 'ping' }] })
    await at(2).answer({ frames: [] })
    expect(received).toEqual([[1, 2], []])
    expect(asked).toHaveLength(3)
  })

  it('before the session is open waits for it', async () => {
    const { uplink, at, asked } = setUp()
    const opening = uplink.open([])
    uplink.send([join('a')])
    uplink.poll()
    expect(asked).toHaveLength(1)
    await at(0).answer(opened)
    await opening
    expect(at(1).body.frames).toEqual([join('a')])
  })

  it('uses a fresh token from the request after the one that brings it', async () => {
    const { uplink, open, at } = setUp()
    await open()
    uplink.send([join('a')])
    uplink.send([join('b'), { type: 'auth', token: 'second' }, join('c')])
    await at(1).answer({ frames: [] })
    expect(at(2)).toMatchObject({ authorization: 'Bearer first' })
    expect(at(2).body.frames).toEqual([join('b'), { type: 'auth', token: 'second' }])
    await at(2).answer({ frames: [] })
    expect(at(3)).toMatchObject({ authorization: 'Bearer second', body: { frames: [join('c')] } })
    void uplink.act('auth')
    expect(at(4)).toMatchObject({ authorization: 'Bearer second' })
  })

  it('is split into requests of a size', async () => {
    const { uplink, open, at } = setUp()
    await open()
    const large = 'x'.repeat(40_000)
    uplink.send([join('a')])
    uplink.send([join(large), join(`${large}2`)])
    await at(1).answer({ frames: [] })
    expect(at(2).body.frames).toHaveLength(1)
    await at(2).answer({ frames: [] })
    expect(at(3).body.frames).toEqual([join(`${large}2`)])
  })

  it('ends the session where far too much waits', async () => {
    const { uplink, open, errors } = setUp()
    await open()
    uplink.send([join('a')])
    for (let n = 0; n < 20; n++) uplink.send([join('x'.repeat(1_000_000))])
    expect(errors).toMatchObject([{ code: 'too-large' }])
  })
})

describe('fetching', () => {
  it('asks when woken, and once more when woken meanwhile', async () => {
    const { uplink, open, at, asked, received } = setUp()
    await open()
    uplink.poll()
    uplink.poll()
    uplink.poll()
    expect(asked).toHaveLength(2)
    expect(at(1).body).toEqual({ session: 's', n: 1, frames: [] })
    await at(1).answer({ frames: [1] })
    expect(asked).toHaveLength(3)
    await at(2).answer({ frames: [2] })
    expect(received).toEqual([[1], [2]])
    expect(asked).toHaveLength(3)
  })

  it('asks again at once where there is more', async () => {
    const { uplink, open, at, asked } = setUp()
    await open()
    uplink.send([join('a')])
    await at(1).answer({ frames: [1], more: true })
    expect(at(2).body.frames).toEqual([])
    await at(2).answer({ frames: [2] })
    expect(asked).toHaveLength(3)
  })

  it('asks by itself when nothing was asked for almost one and a half heartbeats', async () => {
    const { uplink, open, at, asked, received, time } = setUp()
    await open()
    await time.advance(13_999)
    expect(asked).toHaveLength(1)
    await time.advance(1)
    await at(1).answer({ frames: [] })
    expect(received).toEqual([[]])
    await time.advance(9_000)
    uplink.send([{ type: 'ping' }])
    await at(2).answer({ frames: [] })
    await time.advance(13_999)
    expect(asked).toHaveLength(3)
    await time.advance(1)
    expect(asked).toHaveLength(4)
  })
})

describe('asking the gateway', () => {
  it('gives its answer or its refusal, beside what is being sent', async () => {
    const { uplink, open, at, errors } = setUp()
    await open()
    uplink.send([join('a')])
    const allowed = uplink.act('auth', { channel: 'a', session: 'forged' })
    const refused = uplink.act('auth')
    expect(at(2)).toMatchObject({ path: '/auth', body: { channel: 'a', session: 's' } })
    void at(2).answer({ signature: 'x' })
    expect(await allowed).toEqual({ signature: 'x' })
    void at(1).answer({ frames: [] })
    await at(3).answer({ error: { code: 'forbidden' } }, 403)
    void at(4).answer({ frames: [] })
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' })
    expect(errors).toEqual([])
  })

  it('ends the session where there is none any more', async () => {
    const { uplink, open, at, errors } = setUp()
    await open()
    const asking = uplink.act('auth')
    await at(1).answer({ error: { code: 'transport-failed' } }, 404)
    void at(2).answer({ error: { code: 'transport-failed' } }, 404)
    await expect(asking).rejects.toMatchObject({ code: 'transport-failed' })
    expect(errors).toMatchObject([{ code: 'transport-failed' }])
    await expect(uplink.act('auth')).rejects.toMatchObject({ code: 'transport-failed' })
  })

  it("lets the hub's last words come first, whether they are on their way or wait", async () => {
    const bye = { type: 'bye', error: { code: 'identity-mismatch' } }
    for (const onTheWay of [true, false]) {
      const { uplink, open, asked, at, received, errors } = setUp()
      await open()
      if (onTheWay) uplink.send([join('a')])
      const asking = uplink.act('auth')
      asking.catch(() => {})
      await at(-1).answer({ error: { code: 'transport-failed' } }, 404)
      expect([received, errors]).toEqual([[], []])
      await at(onTheWay ? 1 : 2).answer({ frames: [bye] })
      expect(received).toEqual([[bye]])
      if (onTheWay) await at(3).answer({ error: { code: 'transport-failed' } }, 404)
      await expect(asking).rejects.toMatchObject({ code: 'transport-failed' })
      expect(errors).toMatchObject([{ code: 'transport-failed' }])
      expect(asked).toHaveLength(onTheWay ? 4 : 3)
    }
  })
})

describe('the end', () => {
  it('comes with the first request that fails, once', async () => {
    const { uplink, open, at, asked, errors, time } = setUp()
    await open()
    uplink.send([join('a')])
    uplink.send([join('b')])
    await at(1).answer({ error: { code: 'unauthenticated' } }, 401)
    expect(errors).toMatchObject([{ code: 'unauthenticated' }])
    uplink.send([join('c')])
    uplink.poll()
    uplink.close()
    expect(asked).toHaveLength(2)
    expect(time.timers).toBe(0)
  })

  it('comes with an answer that is none', async () => {
    const { uplink, open, at, errors } = setUp()
    await open()
    uplink.poll()
    await at(1).answer({ frames: 'text' })
    expect(errors).toMatchObject([{ code: 'transport-failed' }])
  })

  it('comes when a request is not answered in time', async () => {
    const { uplink, open, asked, errors, time } = setUp()
    await open()
    uplink.send([join('a')])
    await time.advance(9_999)
    expect(errors).toEqual([])
    await time.advance(1)
    expect(errors).toMatchObject([{ code: 'transport-failed' }])
    expect(asked[1]?.init.signal?.aborted).toBe(true)
    expect(time.timers).toBe(0)
  })

  it('is told to the hub when it is wanted, also by a page that goes', async () => {
    const { uplink, open, at, asked, errors, received, time } = setUp()
    await open()
    uplink.send([join('a')])
    uplink.close()
    uplink.close()
    expect(asked).toHaveLength(3)
    expect(at(1).init.signal?.aborted).toBe(true)
    expect(at(2)).toMatchObject({ path: '/close', body: { session: 's' }, init: { keepalive: true } })
    expect(at(2).init.signal?.aborted).toBe(false)
    await at(2).fail(new Error('gone'))
    expect([errors, received]).toEqual([[], []])
    expect(time.timers).toBe(0)
  })

  it('is told to the hub when the page goes for good, and found out by a page that lives on', async () => {
    const { uplink, open, at, asked, errors, time } = setUp()
    time.signal('gone')
    await open()
    time.signal('hidden')
    expect(asked).toHaveLength(1)
    time.signal('gone')
    expect(asked).toHaveLength(2)
    expect(at(1)).toMatchObject({ path: '/close', body: { session: 's' }, init: { keepalive: true } })
    await at(1).answer({})
    uplink.send([join('a')])
    await at(2).answer({ error: { code: 'not-found' } }, 404)
    expect(errors).toHaveLength(1)
    time.signal('gone')
    expect(asked).toHaveLength(3)
    expect(time.timers).toBe(0)
  })

  it('before the session is open is nobody to tell', async () => {
    const { uplink, asked, time } = setUp()
    const opening = uplink.open([])
    uplink.close()
    await expect(opening).rejects.toBeInstanceOf(SynclineError)
    expect(asked).toHaveLength(1)
    expect(time.timers).toBe(0)
  })
})
