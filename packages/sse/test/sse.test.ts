import { connect } from 'node:net'
import { createClient, type TransportEvent } from '@syncline/core'
import type { ClientFrame } from '@syncline/core/protocol'
import { createVirtualTime, eventually, until } from '@syncline/testing'
import { createStubHub, messages, outgoing, startSilence, unusedUrl, watch } from '@syncline/testing/adapter'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sseGateway } from '../src/hub/index.ts'
import { type SseOptions, sse } from '../src/index.ts'
import { bodyOf, type Host, serveGateway, startHttp } from './servers.ts'

const hello: ClientFrame = { type: 'hello', version: 1, client: 'c1' }
const opening = { token: 'secret', frames: [hello] }
const isOpen = (event: TransportEvent) => event.type === 'open'
const isFrames = (event: TransportEvent) => event.type === 'frames'
const framesOf = (events: readonly TransportEvent[]) =>
  events.filter(isFrames).flatMap(({ frames }) => frames)

const openSession = (url: string, options?: SseOptions, time = createVirtualTime({ fetch })) => {
  const session = sse(url, options).open(time.environment)
  onTestFinished(() => session.dispose())
  return session
}
/** Opens an attempt that is hung up when the test is over. */
const dial = (session: ReturnType<typeof openSession>, with_ = opening) => {
  const link = watch(session.attempt(with_))
  onTestFinished(() => link.subscription.unsubscribe())
  return link
}

const startHub = async (on?: Parameters<typeof createStubHub>[0], host: Host = 'node') => {
  const hub = createStubHub(on)
  const gateway = sseGateway()
  gateway.start(hub)
  const server = await startHttp(serveGateway(gateway, host))
  return { ...server, hub, gateway }
}
const post = (url: string, body: unknown, token?: string) =>
  fetch(url, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
  })

describe.each<Host>(['node', 'web'])('the link on a %s host', (host) => {
  test('the opening arrives with the token and the frames, and not in the url', async () => {
    const { url, http, hub } = await startHub(undefined, host)
    const urls: (string | undefined)[] = []
    http.on('request', (request) => urls.push(request.url))
    const link = dial(openSession(`${url}/`))
    expect(await link.until(isOpen)).toMatchObject({ continuity: 'unknown' })
    expect(hub.links[0]?.opening).toMatchObject({ token: 'secret', frames: [hello] })
    expect(hub.links[0]?.opening.bytes).toBe(JSON.stringify({ frames: [hello] }).length)
    expect(hub.links[0]?.peer.address).toBe(host === 'node' ? '127.0.0.1' : undefined)
    expect(urls).toEqual(['/sse'])
  })

  test('frames go both ways in order, whole and once', async () => {
    const { url, hub, gateway } = await startHub(
      { connect: ({ peer }) => peer.send(outgoing({ type: 'pong' })) },
      host,
    )
    const link = dial(openSession(url))
    const { send } = await link.until(isOpen)
    const up: ClientFrame[] = Array.from({ length: 200 }, (_, index) => ({
      type: 'leave',
      channel: `ü${index}`,
    }))
    for (const frame of up) send([frame])
    const [end] = hub.links
    await eventually(() => end?.received.length === 200)
    expect(end?.received).toEqual(up)
    // What came while a POST was on its way went together.
    expect(end?.sizes.length).toBeLessThan(10)
    const sizes = [0, 1, 1_000, 70_000, 300_000]
    for (const [index, size] of sizes.entries())
      gateway.deliver?.([end!.peer], messages('todos', index + 1, `größe 😀\r\n\u2028${'x'.repeat(size)}`))
    await eventually(() => framesOf(link.events).length === 6)
    expect(framesOf(link.events)).toEqual([
      { type: 'pong' },
      ...sizes.map(
        (size, index) => messages('todos', index + 1, `größe 😀\r\n\u2028${'x'.repeat(size)}`).frame,
      ),
    ])
    await eventually(() => end?.peer.busy === false)
    expect(end?.peer.bufferedBytes).toBe(0)
  })

  test('a slow reader is busy, has bytes waiting, and is drained once it reads', async () => {
    const { url, hub, gateway } = await startHub(undefined, host)
    const { port } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.pause()
    socket.write('POST /sse HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n{"frames":[]}')
    await eventually(() => hub.links.length === 1)
    const [end] = hub.links
    if (!end) throw new Error('no link')
    const text = 'x'.repeat(1_000_000)
    for (let seq = 1; seq <= 20; seq++) gateway.deliver?.([end.peer], messages('todos', seq, text))
    expect(end.peer.busy).toBe(true)
    expect(end.peer.bufferedBytes).toBeGreaterThan(10_000_000)
    const before = end.drained
    let bytes = 0
    socket.on('data', (data) => {
      bytes += data.length
    })
    socket.resume()
    await eventually(() => end.drained > before && !end.peer.busy)
    await eventually(() => bytes > 20_000_000)
    expect(end.peer.bufferedBytes).toBe(0)
  })

  test('the hub hangs up after what it said', async () => {
    const { url, hub, sockets } = await startHub(
      {
        connect: ({ peer }) => {
          peer.send(outgoing({ type: 'bye', error: { code: 'unauthenticated' } }))
          peer.close()
          peer.close()
          peer.send(outgoing({ type: 'pong' }))
        },
      },
      host,
    )
    const link = dial(openSession(url))
    expect((await link.failure).code).toBe('transport-failed')
    expect(framesOf(link.events)).toEqual([{ type: 'bye', error: { code: 'unauthenticated' } }])
    await eventually(() => hub.links[0]?.closed === true && (host === 'web' || sockets.size === 0))
  })

  test('unsubscribing hangs up at once', async () => {
    const { url, hub } = await startHub(undefined, host)
    const link = dial(openSession(url))
    const { send } = await link.until(isOpen)
    link.subscription.unsubscribe()
    send([{ type: 'ping' }])
    await eventually(() => hub.links[0]?.closed === true)
    hub.links[0]?.peer.send(outgoing({ type: 'pong' }))
    expect(hub.links[0]?.received).toEqual([])
  })

  test('a server that dies in the middle, and the next attempt', async () => {
    const { url, hub, gateway, kill } = await startHub(undefined, host)
    const session = openSession(url)
    const first = dial(session)
    await first.until(isOpen)
    gateway.deliver?.([hub.links[0]!.peer], messages('to/dö', 41, 'a', 'b'))
    await first.until(isFrames)
    await kill()
    expect((await first.failure).code).toBe('transport-failed')
    await eventually(() => hub.links[0]?.closed === true)

    await startHttp(serveGateway(gateway, host), Number(new URL(url).port))
    await dial(session).until(isOpen)
    expect(hub.links).toHaveLength(2)
  })
})

describe('the stream', () => {
  test('says that nothing on the way may hold it back, and begins with padding and the session', async () => {
    const { url } = await startHub()
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    const response = await fetch(`${url}/sse`, { method: 'POST', body: '{"frames":[]}', signal: stop.signal })
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    })
    const { value } = await response.body!.getReader().read()
    expect(new TextDecoder().decode(value)).toMatch(/^: {2048}\n\nevent: session\ndata: [0-9a-f-]{36}\n\n$/)
  })

  test('an event carries its last message as its id; a frame without messages has none', async () => {
    const { url, hub, gateway } = await startHub()
    const { port } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    let text = ''
    socket.setEncoding('utf8').on('data', (data) => {
      text += data
    })
    // Without chunked coding: HTTP/1.0, as nginx speaks it to what it fronts unless told otherwise.
    socket.write('POST /sse HTTP/1.0\r\nContent-Length: 13\r\n\r\n{"frames":[]}')
    await eventually(() => hub.links.length === 1)
    const peers = [hub.links[0]!.peer]
    gateway.deliver?.(peers, messages('todos', 7, 'a', 'b'))
    gateway.deliver?.(peers, outgoing({ type: 'heads', heads: [] }))
    gateway.deliver?.(peers, messages('evil\nid: x', 1, 'c'))
    await eventually(() => text.includes('"c"'))
    expect(text.slice(text.indexOf('id: '))).toBe(
      [
        `id: todos@e1:8\ndata: ${messages('todos', 7, 'a', 'b').json}`,
        'data: {"type":"heads","heads":[]}',
        `data: ${messages('evil\nid: x', 1, 'c').json}`,
        '',
      ].join('\n\n'),
    )
  })

  test('somebody who has replaced `write`, as compression does, gets every byte', async () => {
    const hub = createStubHub()
    const gateway = sseGateway()
    gateway.start(hub)
    const serve = serveGateway(gateway, 'node')
    let seen = ''
    const { url } = await startHttp((request, response) => {
      const write = response.write.bind(response)
      response.write = ((chunk: Uint8Array, done: () => void) => {
        seen += Buffer.from(chunk).toString()
        return write(chunk, done)
      }) as typeof response.write
      serve(request, response)
    })
    const link = dial(openSession(url))
    await link.until(isOpen)
    gateway.deliver?.([hub.links[0]!.peer], messages('todos', 1, 'a'))
    await link.until(isFrames)
    expect(seen).toContain('event: session')
    expect(seen.endsWith(`data: ${messages('todos', 1, 'a').json}\n\n`)).toBe(true)
  })
})

describe('how attempts end', () => {
  test('a refused connection', async () => {
    const error = await dial(openSession(await unusedUrl())).failure
    expect(error.code).toBe('transport-failed')
    expect(error.cause).toBeInstanceOf(Error)
  })

  test('a server that never answers is left at once by unsubscribing', async () => {
    const { url, sockets } = await startSilence()
    const link = dial(openSession(url))
    await eventually(() => sockets.size > 0)
    link.subscription.unsubscribe()
    await eventually(() => sockets.size === 0)
    expect(link.events).toEqual([])
  })

  test.each([
    ['a status alone', 401, {}, '', { code: 'unauthenticated' }],
    ['too large', 413, {}, '<html>', { code: 'too-large' }],
    ['a wait', 429, { 'retry-after': '7' }, '', { code: 'rate-limited', retryAfter: 7_000 }],
    ['a wait of a proxy', 503, { 'retry-after': '0' }, 'null', { code: 'transport-failed', retryAfter: 0 }],
    ['a bad gateway', 502, {}, '{"frames":[]}', { code: 'transport-failed' }],
    [
      'an error of the hub',
      503,
      {},
      { error: { code: 'hub-closing', retryAfter: 500 } },
      { code: 'hub-closing', retryAfter: 500 },
    ],
    [
      'a bye of the hub',
      401,
      {},
      { frames: [{ type: 'bye', error: { code: 'token-expired' } }] },
      { code: 'token-expired' },
    ],
    ['no stream', 200, { 'content-type': 'text/html' }, '<html>', { code: 'transport-failed' }],
  ])('the hub answers with %s', async (_name, status, headers, body, expected) => {
    const { url } = await startHttp((_request, response) => {
      response.writeHead(status, headers as Record<string, string>)
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
    const { code, retryAfter } = await dial(openSession(url)).failure
    expect({ code, retryAfter }).toEqual(expected)
  })

  test('`retry:` is the wait of every end that names none', async () => {
    const { url } = await startHttp((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end('retry: 1234\n\n')
    })
    expect(await dial(openSession(url)).failure).toMatchObject({ code: 'transport-failed', retryAfter: 1234 })
  })

  test('what is no JSON goes on as text beside the frames around it', async () => {
    const { url } = await startHttp((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(
        'event: session\ndata: s\n\ndata: {"type":"pong"}\n\ndata: {"half\n\nrubbish\n\ndata: [{"type":"pong"},1]\n\n',
      )
    })
    const link = dial(openSession(url))
    await link.failure
    expect(framesOf(link.events)).toEqual([{ type: 'pong' }, '{"half', [{ type: 'pong' }, 1]])
  })

  test('what was damaged on its way ends the link, and is not taken with other letters in it', async () => {
    const { url } = await startHttp((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('event: session\ndata: s\n\ndata: "é"\n\n')
      response.end(Buffer.from('data: "\xe9"\n\ndata: "after"\n\n', 'latin1'))
    })
    const link = dial(openSession(url))
    expect(await link.failure).toMatchObject({ code: 'transport-failed' })
    expect(framesOf(link.events)).not.toContain('after')
    expect(framesOf(link.events)).not.toContain('\ufffd')
  })

  test('an event without an end is cut at the bound', async () => {
    const { url } = await startHttp((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const text = 'x'.repeat(1_000_000)
      response.write('data: ')
      const more = () => {
        while (!response.destroyed && response.write(text));
      }
      response.on('drain', more)
      more()
    })
    expect((await dial(openSession(url)).failure).code).toBe('too-large')
  })

  test('a stopped gateway turns people away with a reason', async () => {
    const { url, gateway } = await startHub()
    await gateway.stop()
    expect((await dial(openSession(url)).failure).code).toBe('hub-closing')
  })
})

describe('sending', () => {
  /** A hub by hand, whose answers to POSTs wait for the test. */
  const startByHand = async () => {
    const posts: { frames: ClientFrame[]; token: string | undefined; answer: (status: number) => void }[] = []
    const { url } = await startHttp(async (request, response) => {
      if (request.url === '/sse') {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('event: session\ndata: s1\n\n')
        return
      }
      const { session, frames } = JSON.parse(await bodyOf(request))
      expect(session).toBe('s1')
      posts.push({
        frames,
        token: request.headers.authorization,
        answer: (status) => response.writeHead(status).end(),
      })
    })
    return { url, posts }
  }

  test('one POST at a time; what comes meanwhile gathers; a new token is used after the POST that brings it', async () => {
    const { url, posts } = await startByHand()
    const { send } = await dial(openSession(url)).until(isOpen)
    send([{ type: 'ping' }])
    await eventually(() => posts.length === 1)
    send([{ type: 'leave', channel: 'a' }])
    send([
      { type: 'auth', token: 'newer' },
      { type: 'leave', channel: 'b' },
    ])
    send([{ type: 'leave', channel: 'c' }])
    posts[0]?.answer(204)
    await eventually(() => posts.length === 2)
    posts[1]?.answer(204)
    await eventually(() => posts.length === 3)
    posts[2]?.answer(204)
    expect(posts.map(({ frames, token }) => [frames.map(({ type }) => type).join(), token])).toEqual([
      ['ping', 'Bearer secret'],
      ['leave,auth', 'Bearer secret'],
      ['leave,leave', 'Bearer newer'],
    ])
    send([{ type: 'ping' }])
    await eventually(() => posts.length === 4)
  })

  test('gathers up to a size', async () => {
    const { url, posts } = await startByHand()
    const { send } = await dial(openSession(url)).until(isOpen)
    for (let index = 0; index < 5; index++) send([{ type: 'leave', channel: 'x'.repeat(30_000) }])
    for (let index = 0; index < 3; index++) {
      await eventually(() => posts.length === index + 1)
      posts[index]?.answer(204)
    }
    expect(posts.map(({ frames }) => frames.length)).toEqual([1, 2, 2])
  })

  test('a POST that fails ends the attempt', async () => {
    const { url, posts } = await startByHand()
    const link = dial(openSession(url))
    const { send } = await link.until(isOpen)
    send([{ type: 'ping' }])
    send([{ type: 'ping' }])
    await eventually(() => posts.length === 1)
    posts[0]?.answer(413)
    expect((await link.failure).code).toBe('too-large')
    expect(posts).toHaveLength(1)
  })

  test('a POST that nobody answers within 10 s ends the attempt, though the stream lives', async () => {
    const { url, posts } = await startByHand()
    const time = createVirtualTime({ fetch })
    const link = dial(openSession(url, {}, time))
    const { send } = await link.until(isOpen)
    send([{ type: 'ping' }])
    await eventually(() => posts.length === 1)
    posts[0]?.answer(204)
    await eventually(() => time.timers === 0)
    send([{ type: 'ping' }])
    await eventually(() => posts.length === 2)
    await time.advance(9_999)
    expect(link.subscription.closed).toBe(false)
    await time.advance(1)
    expect((await link.failure).code).toBe('transport-failed')
    await eventually(() => time.timers === 0)
  })

  test('more than may wait ends the attempt', async () => {
    const { url } = await startByHand()
    const link = dial(openSession(url))
    const { send } = await link.until(isOpen)
    const channel = 'x'.repeat(1_000_000)
    for (let index = 0; index < 20; index++) send([{ type: 'leave', channel }])
    expect((await link.failure).code).toBe('too-large')
  })

  test('headers and credentials of the app go along', async () => {
    let asked = 0
    const seen: unknown[] = []
    const { url } = await startHttp((request, response) => {
      seen.push(request.headers['x-tenant'])
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: session\ndata: s\n\n')
    })
    const { send } = await dial(
      openSession(url, { credentials: 'include', headers: () => ({ 'x-tenant': `t${++asked}` }) }),
    ).until(isOpen)
    send([{ type: 'ping' }])
    await eventually(() => seen.length === 2)
    expect(seen).toEqual(['t1', 't2'])
  })
})

describe('bad input', () => {
  const openRaw = async (url: string, token?: string) => {
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    const response = await fetch(`${url}/sse`, {
      method: 'POST',
      body: '{"frames":[]}',
      signal: stop.signal,
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    })
    const { value } = await response.body!.getReader().read()
    return /data: (\S+)/.exec(new TextDecoder().decode(value))?.[1]
  }

  test('a session id alone lets nobody write', async () => {
    const { url, hub } = await startHub()
    const session = await openRaw(url, 'ada')
    const send = (token: string | undefined, ...frames: unknown[]) =>
      post(`${url}/sse/send`, { session, frames }, token)
    expect((await send(undefined, 1)).status).toBe(401)
    expect((await send('bob', 2)).status).toBe(401)
    expect((await send('ada', 3)).status).toBe(204)
    expect((await send('ada', { type: 'auth', token: 'ada2' })).status).toBe(204)
    expect((await send('ada', 4)).status).toBe(401)
    expect((await send('ada2', 5)).status).toBe(204)
    expect(hub.links[0]?.received).toEqual([3, { type: 'auth', token: 'ada2' }, 5])
    const anonymous = await openRaw(url)
    expect((await post(`${url}/sse/send`, { session: anonymous, frames: [] }, 'bob')).status).toBe(401)
    expect((await post(`${url}/sse/send`, { session: anonymous, frames: [] })).status).toBe(204)
  })

  test('each kind has its status and code, and nobody else is disturbed', async () => {
    const { url, hub } = await startHub()
    const good = dial(openSession(url))
    await good.until(isOpen)
    const answers = await Promise.all([
      post(`${url}/sse/send`, '{"session":"no","frames":[]}'),
      post(`${url}/sse/send`, '{"session":{},"frames":[]}'),
      post(`${url}/sse`, '{"half'),
      post(`${url}/sse`, 'null'),
      post(`${url}/sse`, JSON.stringify({ frames: 'x'.repeat(70_000) })),
      post(`${url}/sse`, '['.repeat(60_000)),
      fetch(`${url}/sse`),
    ])
    const codes = await Promise.all(
      answers.map(async (answer) => [answer.status, (await answer.json()).error.code]),
    )
    expect(codes).toEqual([
      [404, 'transport-failed'],
      [404, 'transport-failed'],
      [400, 'malformed-frame'],
      [400, 'malformed-frame'],
      [413, 'too-large'],
      [400, 'malformed-frame'],
      [405, 'malformed-frame'],
    ])
    expect(hub.links).toHaveLength(1)
    hub.links[0]?.peer.send(outgoing({ type: 'pong' }))
    expect((await good.until(isFrames)).frames).toEqual([{ type: 'pong' }])
  })

  test('a body without a length is cut at the limit', async () => {
    const { url } = await startHub()
    const { port } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    let answer = ''
    socket.setEncoding('utf8').on('data', (data) => {
      answer += data
    })
    socket.on('error', () => {})
    socket.write('POST /sse HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
    for (let index = 0; index < 10; index++) socket.write(`2710\r\n${'x'.repeat(10_000)}\r\n`)
    await eventually(() => answer.includes('413'))
    expect(answer).toContain('too-large')
  })
})

describe('an attempt that reaches nobody', () => {
  test('says where and why, without the query', async () => {
    const url = await unusedUrl()
    const error = await dial(openSession(`${url}/syncline?key=secret`)).failure
    expect(error.code).toBe('transport-failed')
    expect(error.detail).toBe(`${url}/syncline could not be reached: ECONNREFUSED.`)
  })

  test.each(['/syncline', 'localhost:3001/syncline', 'ws://localhost:3001/syncline'])(
    'is given up for a URL that means nothing here: %s',
    async (url) => {
      const client = createClient({ transport: sse(url) })
      onTestFinished(() => client.close())
      client.connect()
      const status = await until(client.status$, ({ at }) => at === 'failed')
      expect(status).toMatchObject({ error: { code: 'invalid-url' } })
    },
  )
})
