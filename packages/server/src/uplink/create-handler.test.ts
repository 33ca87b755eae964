import { SynclineError } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { createHandler, type HandlerOptions } from './create-handler.ts'
import { readJson } from './read-json.ts'

const setUp = (options: Partial<HandlerOptions> = {}) => {
  const reports: SynclineError[] = []
  const handler = createHandler({
    routes: {
      sse: async (request) => Response.json({ path: new URL(request.url).pathname, method: request.method }),
      echo: async (request) => Response.json((await readJson(request, 20)).value),
      limit: async () =>
        Promise.reject(new SynclineError('rate-limited', { retryAfter: 1_500, detail: 'slow' })),
      crash: () => {
        throw new Error('secret text')
      },
    },
    health: () => ({ ok: true, connections: 3 }),
    maxBytes: 100,
    report: (error) => void reports.push(error),
    ...options,
  })
  const ask = (path: string, init?: RequestInit) => handler(new Request(`http://hub.example${path}`, init))
  return { ask, reports }
}

const post = (body: BodyInit, headers: Record<string, string> = {}): RequestInit & { duplex: 'half' } => ({
  method: 'POST',
  body,
  headers,
  duplex: 'half',
})

describe('createHandler', () => {
  test('finds the gateway by the first segment after the base path', async () => {
    const { ask } = setUp()
    expect(await (await ask('/syncline/sse')).json()).toEqual({ path: '/syncline/sse', method: 'GET' })
    expect(await (await ask('/syncline/sse/send?x=1', { method: 'POST' })).json()).toMatchObject({
      method: 'POST',
    })
  })

  test.each(['/api/live', '/api/live/', '/', ''])('lives under another base path: %s', async (basePath) => {
    const { ask } = setUp({ basePath })
    const base = basePath.replace(/\/$/, '')
    expect((await ask(`${base}/sse`)).status).toBe(200)
    expect((await ask(`${base}/health`)).status).toBe(200)
    if (base) expect((await ask('/syncline/sse')).status).toBe(404)
  })

  test.each([
    '/',
    '/syncline',
    '/syncline/',
    '/syncline/nobody',
    '/synclinesse',
    '/other/sse',
    '/syncline/constructor',
  ])('nothing is served at %s', async (path) => {
    const response = await setUp().ask(path)
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ error: { code: 'not-found', detail: expect.any(String) } })
  })

  test.each([
    ['/syncline/ably/send', {}, 'This hub has no gateway `ably`; it has: sse, echo, limit, crash.'],
    ['/syncline/ably', { routes: {} }, 'This hub has no gateway `ably`; it has: none.'],
    ['/ably', { basePath: '' }, 'This hub has no gateway `ably`; it has: sse, echo, limit, crash.'],
    ['/other/ably', {}, "Nothing is served here. The hub's uplink lives under /syncline."],
    ['/syncline/', {}, "Nothing is served here. The hub's uplink lives under /syncline."],
  ])('says what is missing at %s', async (path, options, detail) => {
    expect(await (await setUp(options).ask(path)).json()).toEqual({ error: { code: 'not-found', detail } })
  })

  test('health says how it is, and refuses other methods', async () => {
    const { ask } = setUp()
    const response = await ask('/syncline/health')
    expect([response.status, await response.json()]).toEqual([200, { ok: true, connections: 3 }])
    expect(response.headers.get('cache-control')).toBe('no-store')
    const closing = setUp({ health: async () => ({ ok: false }) })
    expect((await closing.ask('/syncline/health')).status).toBe(503)
    const refused = await ask('/syncline/health', { method: 'POST' })
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect(await refused.json()).toMatchObject({ error: { code: 'method-not-allowed' } })
  })

  test('a body that says it is too large is refused unread', async () => {
    const { ask } = setUp()
    const response = await ask('/syncline/echo', post('x', { 'content-length': '101' }))
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ error: { code: 'too-large' } })
  })

  test('a body that does not say so is read no further than allowed', async () => {
    const { ask } = setUp()
    let pulled = 0
    let cancelled = false
    const endless = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          pulled++
          controller.enqueue(new Uint8Array(8).fill(32))
        },
        cancel: () => {
          cancelled = true
        },
      },
      { highWaterMark: 0 },
    )
    expect((await ask('/syncline/echo', post(endless))).status).toBe(413)
    expect([pulled, cancelled]).toEqual([3, true])
  })

  test('what is not JSON is a bad request', async () => {
    const { ask } = setUp()
    expect((await ask('/syncline/echo', post('{"a":'))).status).toBe(400)
    expect((await ask('/syncline/echo', post(''))).status).toBe(400)
    expect((await ask('/syncline/echo', post(new Uint8Array([34, 0xff, 34])))).status).toBe(400)
    expect(await (await ask('/syncline/echo', post('{"a":"é"}'))).json()).toEqual({ a: 'é' })
  })

  test("a gateway's refusal keeps its code and says when to come back", async () => {
    const { ask, reports } = setUp()
    const response = await ask('/syncline/limit')
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '2'])
    expect(await response.json()).toEqual({
      error: { code: 'rate-limited', retryAfter: 1_500, detail: 'slow' },
    })
    expect(reports).toEqual([])
  })

  test('a crash is reported to the hub and says nothing to the client', async () => {
    const { ask, reports } = setUp()
    const response = await ask('/syncline/crash')
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({ error: { code: 'internal' } })
    expect(reports.map(({ code, detail }) => [code, detail])).toEqual([['internal', 'secret text']])
  })
})

describe('CORS', () => {
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  })
  const app = 'https://app.example'

  test('without the option there are no CORS headers', async () => {
    const response = await setUp().ask('/syncline/sse', preflight(app))
    expect(response.headers.has('access-control-allow-origin')).toBe(false)
  })

  test('an origin on the list may ask and read', async () => {
    const { ask } = setUp({ cors: { origins: [app] } })
    const asked = await ask('/syncline/sse', preflight(app))
    expect(asked.status).toBe(204)
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'access-control-allow-origin': app,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '600',
      vary: 'origin',
    })
    for (const path of ['sse', 'limit', 'nobody', 'health']) {
      const response = await ask(`/syncline/${path}`, { headers: { origin: app } })
      expect(response.headers.get('access-control-allow-origin')).toBe(app)
    }
  })

  test('another origin may not, and caches are told that it depends', async () => {
    const { ask } = setUp({ cors: { origins: [app] } })
    for (const init of [
      preflight('https://evil.example'),
      { headers: { origin: 'https://evil.example' } },
      {},
    ]) {
      const response = await ask('/syncline/sse', init)
      expect(response.headers.has('access-control-allow-origin')).toBe(false)
      expect(response.headers.get('vary')).toBe('origin')
    }
  })

  test('any origin, where the app says so', async () => {
    const { ask } = setUp({ cors: { origins: '*' } })
    const response = await ask('/syncline/sse', { headers: { origin: 'https://any.example' } })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  })
})
