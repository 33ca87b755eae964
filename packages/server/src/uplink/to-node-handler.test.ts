import { once } from 'node:events'
import { Agent, createServer, request as nodeRequest, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { createHandler } from './create-handler.ts'
import { nodeExchangeOf } from './node-exchanges.ts'
import { readJson } from './read-json.ts'
import { toNodeHandler } from './to-node-handler.ts'

const servers: Server[] = []
const serve = async (handler: (request: Request) => Promise<Response> | Response): Promise<string> => {
  const server = createServer(toNodeHandler(handler))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
/** Sends bytes as they are and gives all that comes back until the connection ends. */
const raw = (base: string, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let got = ''
    const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.write(text))
    socket.on('data', (chunk) => {
      got += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(got))
  })
const bytes = (text: string) => new TextEncoder().encode(text)

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

describe('toNodeHandler', () => {
  test('passes URL, method, headers and body, and the answer back', async () => {
    const base = await serve(async (request) => {
      const headers = new Headers({ 'x-a': request.headers.get('x-a') ?? '' })
      headers.append('set-cookie', 'a=1')
      headers.append('set-cookie', 'b=2')
      return new Response(`${request.method} ${request.url} ${await request.text()}`, {
        status: 201,
        headers,
      })
    })
    const response = await fetch(`${base}/a/b?c=d`, {
      method: 'POST',
      body: 'héllo',
      headers: { 'x-a': 'one' },
    })
    expect([response.status, await response.text()]).toEqual([201, `POST ${base}/a/b?c=d héllo`])
    expect(response.headers.get('x-a')).toBe('one')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  test('a HEAD has no body, and a body that is nowhere read does no harm', async () => {
    const base = await serve(() => new Response('text'))
    expect(await (await fetch(base, { method: 'HEAD' })).text()).toBe('')
    expect(await (await fetch(base, { method: 'POST', body: 'x'.repeat(1e6) })).text()).toBe('text')
    expect(await (await fetch(base)).text()).toBe('text')
  })

  test('headers leave at once and chunks one by one', async () => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({
      start: (given) => {
        controller = given
      },
    })
    const base = await serve(() => new Response(body, { headers: { 'content-type': 'text/event-stream' } }))
    const response = await fetch(base)
    const reader = response.body!.getReader()
    for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
      controller?.enqueue(bytes(text))
      expect(new TextDecoder().decode((await reader.read()).value)).toBe(text)
    }
    controller?.close()
    expect((await reader.read()).done).toBe(true)
  })

  test('a client that goes aborts the request and cancels the stream', async () => {
    let aborted: Promise<void> | undefined
    let cancelled: () => void = () => undefined
    const stopped = new Promise<void>((resolve) => {
      cancelled = resolve
    })
    const base = await serve((request) => {
      aborted = new Promise((resolve) => request.signal.addEventListener('abort', () => resolve()))
      return new Response(
        new ReadableStream({ pull: () => new Promise(() => undefined), cancel: () => cancelled() }),
      )
    })
    const client = new AbortController()
    await fetch(base, { signal: client.signal })
    client.abort()
    await Promise.all([aborted, stopped])
  })

  test('a request that was answered is not aborted', async () => {
    let signal: AbortSignal | undefined
    const base = await serve((request) => {
      signal = request.signal
      return new Response('done')
    })
    await (await fetch(base, { headers: { connection: 'close' } })).text()
    await new Promise<void>((resolve) => servers[0]!.close(() => resolve()))
    expect(signal?.aborted).toBe(false)
  })

  test('a slow reader slows the stream down', async () => {
    let pulled = 0
    const chunk = new Uint8Array(64 * 1024)
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++
        controller.enqueue(chunk)
      },
    })
    const base = await serve(() => new Response(endless))
    const socket = connect(Number(new URL(base).port), '127.0.0.1', () => {
      socket.pause()
      socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    })
    for (let quiet = 0, before = 0; quiet < 1_000; quiet = pulled > 0 && pulled === before ? quiet + 1 : 0) {
      before = pulled
      await turn()
    }
    expect(pulled).toBeLessThan(1_000)
    socket.destroy()
  })

  describe('an upload that is too large', () => {
    const handler = createHandler({
      routes: { echo: async (request) => Response.json((await readJson(request, 1_000)).value) },
      health: () => ({ ok: true }),
      maxBytes: 1_000,
      report: () => undefined,
    })
    /** Uploads chunks until the server cuts the connection or all are sent; tells what came of it. */
    const upload = async (chunks: number) => {
      const base = await serve(handler)
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const ask = (method: string, path: string) => nodeRequest(`${base}/syncline/${path}`, { agent, method })
      const request = ask('POST', 'echo')
      let status: number | undefined
      request.on('response', (response) => {
        status = response.statusCode
        response.resume()
      })
      const ended = new Promise<string>((resolve) => {
        request.on('error', () => resolve('cut'))
        request.on('close', () => resolve('complete'))
      })
      let sent = 0
      for (; sent < chunks && !request.destroyed; sent++) {
        if (!request.write('x'.repeat(50_000))) await Promise.race([once(request, 'drain'), ended])
        await turn()
      }
      request.end()
      return { end: await ended, status, sent, again: () => ask('GET', 'health') }
    }

    test('is answered while its client is still sending, and the connection stays', async () => {
      const { end, status, sent, again } = await upload(8)
      expect([end, status, sent]).toEqual(['complete', 413, 8])
      const request = again().end()
      const [response] = await once(request, 'response')
      response.resume()
      expect([response.statusCode, request.reusedSocket]).toEqual([200, true])
    })

    test('is cut when its client does not stop', async () => {
      const { status, sent } = await upload(10_000)
      expect(status).toBe(413)
      expect(sent).toBeLessThan(1_000)
    })
  })

  test('a client that goes in the middle of its upload leaves the reader with an error', async () => {
    let base = ''
    const reading = new Promise<string>((resolve, reject) => {
      serve(async (request) => {
        if (request.method === 'POST') await request.text().then(resolve, reject)
        return new Response()
      }).then((address) => {
        base = address
        const half = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf'
        const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.end(half))
      }, reject)
    })
    await expect(reading).rejects.toThrow()
    expect((await fetch(base)).status).toBe(200)
  })

  test('a URL or host that is none is a bad request, and a URL never chooses its host', async () => {
    const base = await serve((request) => new Response(new URL(request.url).host))
    expect(await raw(base, 'GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n')).toContain(
      '400 Bad Request',
    )
    expect(await raw(base, 'GET / HTTP/1.1\r\nhost: u:p@x\r\nconnection: close\r\n\r\n')).toContain(
      '400 Bad Request',
    )
    const answer = await raw(
      base,
      'GET //evil.example/x HTTP/1.1\r\nhost: hub.example\r\nconnection: close\r\n\r\n',
    )
    expect(answer).toContain('hub.example')
    expect(answer).not.toContain('evil.example')
  })

  test('a handler that throws is a 500, or the concern of next', async () => {
    const failure = new Error('no')
    const broken = () => Promise.reject(failure)
    expect((await fetch(await serve(broken))).status).toBe(500)
    const passed = await new Promise((resolve) => {
      const server = createServer((request, response) => {
        toNodeHandler(broken)(request, response, (error) => {
          response.end()
          resolve(error)
        })
      })
      servers.push(server)
      server.listen(0, '127.0.0.1', () => {
        fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).catch(() => undefined)
      })
    })
    expect(passed).toBe(failure)
  })

  test('a gateway can answer on the response of Node itself, with CORS headers', async () => {
    const handler = createHandler({
      routes: {
        sse: async (_, node) => {
          if (!node) return new Response('web')
          node.response.writeHead(200, { 'content-type': 'text/event-stream' })
          node.response.write('data: 1\n\n')
          node.response.end('data: 2\n\n')
          return node.takeOver()
        },
      },
      health: () => ({ ok: true }),
      cors: { origins: ['https://app.example'] },
      maxBytes: 1_000,
      report: () => undefined,
    })
    const init = { headers: { origin: 'https://app.example' } }
    const response = await fetch(`${await serve(handler)}/syncline/sse`, init)
    expect(await response.text()).toBe('data: 1\n\ndata: 2\n\n')
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example')
    const elsewhere = await handler(new Request('http://a.example/syncline/sse', init))
    expect(await elsewhere.text()).toBe('web')
    expect(elsewhere.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(nodeExchangeOf(new Request('http://a.example'))).toBeUndefined()
  })
})

test("a client that goes in the middle of its request is nobody's failure", async () => {
  const reports: unknown[] = []
  let reading: (() => void) | undefined
  const started = new Promise<void>((resolve) => {
    reading = resolve
  })
  let ended: Promise<unknown> | undefined
  const handler = createHandler({
    routes: {
      sse: (request) => {
        reading?.()
        const reads = readJson(request, 1_000).then(() => new Response())
        ended = reads.catch(() => undefined)
        return reads
      },
    },
    health: () => ({ ok: true }),
    maxBytes: 1_000,
    report: (error) => void reports.push(error),
  })
  const base = await serve(handler)
  const socket = connect(Number(new URL(base).port), '127.0.0.1')
  socket.write('POST /syncline/sse HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"a"')
  await started
  socket.destroy()
  await ended
  await turn()
  expect(ended).toBeDefined()
  expect(reports).toEqual([])
})
