import { Buffer } from 'node:buffer'
import { errorCatalog } from '@syncline/core'
import { createHub, createUplinkSessions, memoryStore } from '@syncline/server'
import { sseGateway } from '@syncline/sse/hub'
import { anyJson, clientFrames, damaged } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { helloFrame } from '../../src/conformance/raw-link.ts'
import { createTodoApp } from '../../src/conformance/todo-app.ts'
import { channelOf } from '../../src/conformance/todo-contract.ts'

const home = channelOf('home')
const codes = Object.keys(errorCatalog)
const frameBytes = 20_000

/** A hub with everything that is asked over HTTP, without a server in front of it. */
const startHub = async () => {
  const logged: string[] = []
  const log = (level: string) => (_: object, message: string) => void logged.push(`${level}: ${message}`)
  const uplink = createUplinkSessions({
    name: 'uplink',
    wake: () => {},
    actions: {
      echo: (_, body) => body,
      throws: () => {
        throw new TypeError('A defect of the gateway.')
      },
    },
  })
  const hub = createHub({
    store: memoryStore(),
    gateways: [
      sseGateway(),
      {
        name: 'uplink',
        routes: uplink.routes,
        start: uplink.start,
        stop: uplink.stop,
        publish: async () => {},
      },
    ],
    authenticate: ({ token = 'nobody' }) => ({ id: token }),
    limits: { frameBytes, malformedFrames: 1_000 },
    cors: { origins: ['https://app.example.com'] },
    logger: { debug: () => {}, info: () => {}, warn: log('warn'), error: log('error') },
  })
  createTodoApp().serve(hub as never)
  await hub.ready
  onTestFinished(() => hub.close({ within: 0 }))
  return { hub, logged }
}

const token = fc.oneof(
  { arbitrary: fc.constant('Bearer ada'), weight: 4 },
  fc.constantFrom('Bearer eve', 'bearer ada', 'Bearer', 'Basic YTpi', '', 'Bearer é'),
)
const header = fc.tuple(
  fc.constantFrom(
    'accept',
    'content-type',
    'content-length',
    'last-event-id',
    'origin',
    'x-forwarded-for',
    'expect',
    'range',
    'access-control-request-method',
    'access-control-request-headers',
    'content-encoding',
    'cookie',
  ),
  fc.oneof(
    fc.constantFrom(
      'text/event-stream',
      'application/json',
      '0',
      '-1',
      '1e9',
      '99999999999',
      'NaN',
      'e:1',
      'https://app.example.com',
      'null',
      '*',
      'gzip',
      'POST',
    ),
    fc.string({ maxLength: 20 }),
  ),
)
const frames = fc.array(
  fc.oneof(
    {
      arbitrary: clientFrames({
        channel: fc.constantFrom(home, 'nowhere'),
        name: fc.constantFrom('todo:create', 'cursor:moved', 'toString'),
      }),
      weight: 3,
    },
    anyJson,
  ),
  { maxLength: 4 },
)
/** `mine` and `another` stand for the ids of sessions that are open. */
const body = fc.record(
  {
    session: fc.constantFrom('mine', 'mine', 'another', '', 'none', 7),
    n: fc.oneof(fc.nat(3), fc.constantFrom(-1, 0.5, 2 ** 53, null)),
    frames: fc.oneof(
      frames,
      frames.map((list) => [helloFrame('c1'), ...list]),
    ),
    channels: fc.array(fc.string()),
  },
  { requiredKeys: ['frames'] },
)
const text = (value: unknown): string => JSON.stringify(value) ?? ''
const bytes = fc.oneof(
  { arbitrary: body.map(text), weight: 4 },
  { arbitrary: damaged(body).map(text), weight: 4 },
  { arbitrary: anyJson.map(text), weight: 1 },
  fc.constantFrom(
    '',
    '{',
    'null',
    '[]',
    '"\\ud800"',
    '{"frames":[],"frames":{}}',
    '{"__proto__":{"session":"mine"},"frames":[]}',
    `{"frames":${'['.repeat(4_000)}${']'.repeat(4_000)}}`,
    `{"frames":["${'x'.repeat(frameBytes)}"]}`,
    '{"session":"mine","frames":[1e999,-0]}',
  ),
  fc.uint8Array({ maxLength: 200 }),
)
const path = fc.oneof(
  {
    arbitrary: fc
      .tuple(
        fc.constantFrom('/syncline/sse', '/syncline/uplink'),
        fc.constantFrom(
          '',
          '',
          '/send',
          '/send',
          '/close',
          '/echo',
          '/',
          '//',
          '/else',
          '/__proto__',
          '/constructor',
          '?x=%00',
          '/%2e%2e',
          '/send?',
        ),
      )
      .map((parts) => parts.join('')),
    weight: 6,
  },
  fc.constantFrom(
    '/syncline/health',
    '/syncline',
    '/syncline/',
    '/',
    '//',
    '/syncline/constructor',
    '/syncline/__proto__',
    '/synclinex/sse',
    '/syncline/sse%2fsend',
  ),
  fc.string().map((rest) => `/syncline/${encodeURIComponent(rest)}`),
)
const request = fc.record({
  method: fc.oneof(
    { arbitrary: fc.constant('POST'), weight: 8 },
    fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'QUERY'),
  ),
  path,
  token: fc.option(token, { nil: undefined, freq: 8 }),
  headers: fc.array(header, { maxLength: 3 }),
  bytes,
})

type Asked = typeof request extends fc.Arbitrary<infer T> ? T : never

const toRequest = (asked: Asked, sessions: readonly string[]): Request | undefined => {
  const headers = new Headers()
  try {
    if (asked.token !== undefined) headers.set('authorization', asked.token)
    for (const [name, value] of asked.headers) headers.set(name, value)
  } catch {
    return undefined // No HTTP library would send that.
  }
  const [mine = '', another = ''] = sessions
  const sent =
    typeof asked.bytes === 'string'
      ? asked.bytes.replaceAll('"mine"', `"${mine}"`).replaceAll('"another"', `"${another}"`)
      : Buffer.from(asked.bytes)
  const bodyless = asked.method === 'GET' || asked.method === 'HEAD'
  return new Request(`http://hub${asked.path}`, {
    method: asked.method,
    headers,
    ...(!bodyless && { body: sent }),
  })
}

it('any request is answered soon, never with a failure of the hub, and leaves other sessions as they are', async () => {
  const { hub, logged } = await startHub()
  const ask = (of: string, more: object, bearer: string) =>
    hub.handler(
      new Request(`http://hub/syncline/${of}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}` },
        body: JSON.stringify(more),
      }),
    )
  const open = async (bearer: string): Promise<string> => {
    const response = await ask(
      'uplink',
      { frames: [helloFrame(bearer), { type: 'join', channel: home }] },
      bearer,
    )
    return ((await response.json()) as { session: string }).session
  }
  const other = await open('other')
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 8 }), async (all) => {
      const sessions = [await open('ada'), await open('eve')]
      await Promise.all(
        all.map(async (asked) => {
          const made = toRequest(asked, sessions)
          if (!made) return
          const response = await hub.handler(made)
          if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
            expect(response.status).toBe(200)
            await response.body?.cancel()
            return
          }
          const answer = await response.text()
          if (response.status >= 400 && asked.method !== 'HEAD') {
            const { error } = JSON.parse(answer)
            expect(codes).toContain(error.code)
            expect(error.code).not.toBe('internal')
          }
          expect([200, 204, 400, 401, 403, 404, 405, 413, 429, 503]).toContain(response.status)
        }),
      )
      const still = await ask('uplink/send', { session: other, frames: [{ type: 'ping' }] }, 'other')
      expect(
        ((await still.json()) as { frames: { type: string }[] }).frames.map(({ type }) => type),
      ).toContain('pong')
      for (const [index, session] of sessions.entries())
        await ask('uplink/close', { session }, ['ada', 'eve'][index]!)
    }),
    { numRuns: 150 },
  )
  expect(logged.filter((line) => line.startsWith('error'))).toEqual([])
  expect({}).not.toHaveProperty('session')
})
