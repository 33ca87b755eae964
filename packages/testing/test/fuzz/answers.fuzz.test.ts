import { Buffer } from 'node:buffer'
import { SynclineError, type Transport, type TransportEvent } from '@syncline/core'
import { createUplink } from '@syncline/core/uplink'
import { sse } from '@syncline/sse'
import { createVirtualTime } from '@syncline/testing'
import { anyJson, damaged } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it } from 'vitest'

const streamed = (chunks: readonly Uint8Array[]): Response =>
  new Response(
    new ReadableStream({
      start: (controller) => {
        for (const chunk of chunks) controller.enqueue(chunk)
        controller.close()
      },
    }),
    { headers: { 'content-type': 'text/event-stream' } },
  )

/** What an attempt brings, to its end. */
const attempt = (transport: Transport, answer: () => Response) => {
  const { environment } = createVirtualTime({ fetch: async () => answer() })
  const events: TransportEvent[] = []
  return new Promise<{ readonly events: readonly TransportEvent[]; readonly error: unknown }>((resolve) => {
    transport
      .open(environment)
      .attempt({ token: 'ada', frames: [] })
      .subscribe({ next: (event) => void events.push(event), error: (error) => resolve({ events, error }) })
  })
}
const framesOf = (events: readonly TransportEvent[]) =>
  events.flatMap((event) => (event.type === 'frames' ? [...event.frames] : []))

/** Cuts where it is told to, in the middle of a character too. */
const cut = (bytes: Uint8Array, places: readonly number[]): Uint8Array[] => {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted((a, b) => a - b)
  return [...at, bytes.length].map((end, index) => bytes.slice(index === 0 ? 0 : at[index - 1], end))
}

const ending = fc.constantFrom('\n', '\r\n', '\r')
const comment = fc.constantFrom(':', ': waiting', 'unknown: field', 'retry: soon', 'id: a\0b', 'retry: 10')

it('an event stream brings the same frames wherever the network cuts it', async () => {
  const values = fc.array(fc.tuple(fc.jsonValue(), comment, ending), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(
      values,
      fc.array(fc.nat(5_000), { maxLength: 12 }),
      fc.boolean(),
      async (list, places, bom) => {
        const written = list.map(([value, between, end]) =>
          [between, `data: ${JSON.stringify(value)}`, '', ''].join(end),
        )
        const text = `${bom ? '\ufeff' : ''}event: session\ndata: s\n\n${written.join('')}`
        const { events, error } = await attempt(sse('http://hub'), () =>
          streamed(cut(Buffer.from(text), places)),
        )
        expect(events[0]).toMatchObject({ type: 'open' })
        expect(framesOf(events)).toEqual(list.map(([value]) => JSON.parse(JSON.stringify(value))))
        expect(error).toMatchObject({ code: 'transport-failed' })
      },
    ),
    { numRuns: 200 },
  )
})

it('any bytes at all end an event stream as an error, and throw nothing', async () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        'data:',
        'data: {}',
        'event: session',
        'id:',
        '\n',
        '\n\n',
        '\r',
        ':',
        'retry: 1e9',
        '\0',
      ),
      fc.string({ unit: 'binary' }),
    ),
  )
  const bytes = fc.oneof(
    pieces.map((list) => Buffer.from(list.join(''))),
    fc.uint8Array({ maxLength: 300 }),
  )
  await fc.assert(
    fc.asyncProperty(bytes, async (given) => {
      const { error } = await attempt(sse('http://hub'), () => streamed([given]))
      expect(error).toBeInstanceOf(SynclineError)
    }),
    { numRuns: 200 },
  )
})

const refusal = fc.record({
  error: fc.record(
    {
      code: fc.constantFrom('unauthenticated', 'rate-limited', 'a code of tomorrow'),
      detail: fc.string(),
      retryAfter: fc.nat(),
    },
    { requiredKeys: ['code'] },
  ),
})
const answers = fc.record({
  status: fc.oneof(
    fc.constantFrom(200, 400, 401, 403, 404, 413, 429, 500, 502, 503),
    fc.integer({ min: 200, max: 599 }),
  ),
  body: fc.oneof(
    refusal.map((value) => JSON.stringify(value)),
    fc.oneof(damaged(refusal), anyJson).map((value) => JSON.stringify(value) ?? ''),
    fc.constantFrom(
      '',
      '<html>',
      '{"error":{"code":503,"message":"of a proxy"}}',
      '{"frames":[{"type":"bye"}]}',
      '{"frames":{}}',
    ),
  ),
  headers: fc.dictionary(
    fc.constantFrom('content-type', 'retry-after'),
    fc.constantFrom(
      'text/event-stream',
      'application/json',
      '7',
      '-7',
      'Wed, 21 Oct 2026 07:28:00 GMT',
      'NaN',
      '',
    ),
  ),
})
const respond = ({
  status,
  body,
  headers,
}: {
  status: number
  body: string
  headers: Record<string, string>
}): Response => new Response([204, 205, 304].includes(status) ? null : body, { status, headers })

const expectSound = (error: unknown): void => {
  expect(error).toBeInstanceOf(SynclineError)
  const { code, retryAfter } = error as SynclineError
  expect(typeof code).toBe('string')
  expect(Number(retryAfter ?? 0)).toBeGreaterThanOrEqual(0)
}

it('whatever answers in the place of a hub, the SSE transport says why in an error of its own', async () => {
  await fc.assert(
    fc.asyncProperty(answers, async (answer) => {
      const { error } = await attempt(sse('http://hub'), () => respond(answer))
      expectSound(error)
    }),
    { numRuns: 300 },
  )
})

it('whatever answers in the place of a hub, the uplink says why in an error of its own, once', async () => {
  const opened = { session: 's', wake: 'w', heartbeat: 1_000, frames: [] }
  const later = fc.oneof(
    answers,
    damaged(fc.constant({ frames: [{ type: 'pong' }], more: true })).map((body) => ({
      status: 200,
      body: JSON.stringify(body) ?? '',
      headers: {},
    })),
  )
  await fc.assert(
    fc.asyncProperty(fc.option(answers), fc.array(later, { maxLength: 4 }), async (first, rest) => {
      const queue = [...rest]
      const bodies: { n?: number }[] = []
      const time = createVirtualTime({
        fetch: async (url, init) => {
          if (String(url).endsWith('/send')) bodies.push(JSON.parse(String(init?.body)))
          if (String(url) === 'http://hub/pusher') return first ? respond(first) : Response.json(opened)
          const next = queue.shift()
          return next ? respond(next) : Response.json({ frames: [] })
        },
      })
      const errors: unknown[] = []
      const uplink = createUplink({
        url: 'http://hub/pusher',
        environment: time.environment,
        token: 'ada',
        onFrames: (frames) => expect(Array.isArray(frames)).toBe(true),
        onError: (error) => errors.push(error),
      })
      const refused = await uplink.open([]).then(
        () => undefined,
        (error: unknown) => error,
      )
      if (refused) expectSound(refused)
      for (let n = 0; n < 3; n++) {
        uplink.send([{ type: 'ping' }])
        await time.settle()
      }
      await uplink.act('authorize').catch(expectSound)
      await time.advance(20_000)
      expect(errors.length).toBeLessThanOrEqual(1)
      for (const error of errors) expectSound(error)
      expect(bodies.map(({ n }) => n)).toEqual(bodies.map((_, index) => index + 1))
      uplink.close()
      await time.advance(20_000)
      expect(time.timers).toBe(0)
    }),
    { numRuns: 200 },
  )
})
