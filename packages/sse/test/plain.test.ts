import { createClient, type PlainTransportEvent } from '@syncline/core'
import { createVirtualTime, eventually, until } from '@syncline/testing'
import { startSilence, unusedUrl, watch } from '@syncline/testing/adapter'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type PlainSseOptions, plainSse } from '../src/plain/index.ts'
import { startHttp } from './servers.ts'

const isOpen = (event: PlainTransportEvent) => event.type === 'open'
const isEvent = (event: PlainTransportEvent) => event.type === 'event'

const openSession = (url: string, options?: PlainSseOptions) => {
  const session = plainSse(url, options).open(createVirtualTime({ fetch }).environment)
  onTestFinished(() => session.dispose())
  return (token?: string) => {
    const link = watch(session.attempt({ token }))
    onTestFinished(() => link.subscription.unsubscribe())
    return link
  }
}

/** An endpoint with named events as one would write it without Syncline: it goes on after `Last-Event-ID`. */
const startTodos = (port = 0) =>
  startHttp((request, response) => {
    const log = [
      ['todo:created', { id: '1', text: 'Milk' }],
      ['todo:updated', { id: '1', text: 'Oat milk' }],
      ['todo:deleted', '1'],
    ] as const
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`: hello ${request.headers.authorization}\nretry: 5000\n\n`)
    const after = Number(request.headers['last-event-id'] ?? 0)
    log.forEach(([event, data], index) => {
      if (index + 1 > after)
        response.write(`event: ${event}\nid: ${index + 1}\ndata: ${JSON.stringify(data)}\n\n`)
    })
    response.write('data: just text\n\n')
  }, port)

describe('a plain event stream', () => {
  test('named events with JSON or text, and where they belong', async () => {
    const { url } = await startTodos()
    const link = openSession(url, { route: (event) => (event === 'message' ? undefined : 'todos') })()
    expect(await link.until(isOpen)).toEqual({ type: 'open', continuity: 'unknown', link: {} })
    await eventually(() => link.events.filter(isEvent).length === 4)
    expect(link.events.filter(isEvent).map(({ event }) => event)).toEqual([
      { channel: 'todos', event: 'todo:created', data: { id: '1', text: 'Milk' } },
      { channel: 'todos', event: 'todo:updated', data: { id: '1', text: 'Oat milk' } },
      { channel: 'todos', event: 'todo:deleted', data: '1' },
      { channel: undefined, event: 'message', data: 'just text' },
    ])
  })

  test('only the events that were asked for', async () => {
    const { url } = await startTodos()
    const link = openSession(url, { events: ['todo:deleted', 'message'] })()
    await eventually(() => link.events.filter(isEvent).length === 2)
    expect(link.events.filter(isEvent).map(({ event }) => event.event)).toEqual(['todo:deleted', 'message'])
  })

  test('goes on after the last event when the server was away, and carries the wait it asked for', async () => {
    const first = await startTodos()
    const attempt = openSession(first.url)
    const link = attempt('secret')
    await eventually(() => link.events.filter(isEvent).length === 4)
    await first.kill()
    expect(await link.failure).toMatchObject({ code: 'transport-failed', retryAfter: 5000 })
    await startTodos(Number(new URL(first.url).port))
    const again = attempt()
    expect((await again.until(isOpen)).continuity).toBe('unknown')
    await eventually(() => again.events.filter(isEvent).length === 1)
    expect(again.events.filter(isEvent)[0]?.event.data).toBe('just text')
  })

  test('goes on after the last event that had an id, also one that was not asked for', async () => {
    const { url } = await startHttp((request, response) => {
      const after = request.headers['last-event-id'] ?? 'the start'
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`data: after ${after}\n\nevent: other\nid: 7\ndata: 1\n\ndata: no id\n\n`)
    })
    const attempt = openSession(url, { events: ['message'] })
    await attempt().failure
    const again = attempt()
    await again.failure
    expect(again.events.filter(isEvent).map(({ event }) => event.data)).toEqual(['after 7', 'no id'])
  })

  test('a stream without ids says that what came meanwhile is lost', async () => {
    const { url } = await startHttp((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: 1\n\n')
    })
    const attempt = openSession(url)
    await attempt().failure
    expect((await attempt().until(isOpen)).continuity).toBe('lost')
  })

  test('the token and the headers of the app go along, and not in the url', async () => {
    const seen: unknown[] = []
    const { url } = await startHttp((request, response) => {
      seen.push(request.method, request.url, request.headers.authorization, request.headers['x-tenant'])
      response.writeHead(401).end()
    })
    const link = openSession(`${url}/events`, { headers: { 'x-tenant': 't1' }, credentials: 'include' })(
      'secret',
    )
    expect((await link.failure).code).toBe('unauthenticated')
    expect(seen).toEqual(['GET', '/events', 'Bearer secret', 't1'])
  })

  test('a refused and a silent server', async () => {
    expect((await openSession(await unusedUrl())().failure).code).toBe('transport-failed')
    const { url, sockets } = await startSilence()
    const { subscription } = openSession(url)()
    await eventually(() => sockets.size > 0)
    subscription.unsubscribe()
    await eventually(() => sockets.size === 0)
  })
})

describe('a client of a plain event stream', () => {
  interface TodoEvents {
    'todo:created': { readonly id: string; readonly text: string }
    'todo:updated': { readonly id: string; readonly text: string }
    'todo:deleted': string
    message: string
  }
  const open = (url: string) => {
    const client = createClient({
      transport: plainSse(url, { route: (event) => (event === 'message' ? undefined : 'todos') }),
      backoff: { firstDelay: 20 },
    })
    onTestFinished(() => client.close())
    const todos = client.plain<TodoEvents>('todos')
    const seen: unknown[] = []
    const stops = [
      todos.on('todo:created', ({ text }) => seen.push(['created', text])),
      todos.on('todo:updated', ({ text }) => seen.push(['updated', text])),
      todos.on('todo:deleted', (id) => seen.push(['deleted', id])),
      client.plain<TodoEvents>().on('message', (text) => seen.push(text)),
    ]
    return { client, todos, seen, stops }
  }
  const all = [['created', 'Milk'], ['updated', 'Oat milk'], ['deleted', '1'], 'just text']

  test('hears its channel and the whole connection, and cannot send', async () => {
    const { url } = await startTodos()
    const { client, todos, seen } = open(url)
    await eventually(() => seen.length === 4)
    expect(seen).toEqual(all)
    expect(client.status$.get().at).toBe('connected')
    const other: unknown[] = []
    client.plain<TodoEvents>('other').on('todo:created', (todo) => other.push(todo))
    // @ts-expect-error There is no way to send.
    await expect(todos.send('todo:create', {})).rejects.toMatchObject({ code: 'not-connected' })
    expect(other).toEqual([])
  })

  test('goes on after the last event when the server was away', async () => {
    // The stream asks for a wait of 5 s: retryNow does not.
    const first = await startTodos()
    const { client, seen } = open(first.url)
    await eventually(() => seen.length === 4)
    await first.kill()
    expect(await until(client.status$, ({ at }) => at === 'reconnecting')).toMatchObject({
      error: { code: 'transport-failed', retryAfter: 5_000 },
    })
    await startTodos(Number(new URL(first.url).port))
    client.retryNow()
    await eventually(() => seen.length === 5)
    expect(seen).toEqual([...all, 'just text'])
  })

  test('what is no longer listened to is not heard, and a closed client hangs up', async () => {
    let write = (_text: string) => {}
    const { url, sockets } = await startHttp((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      write = (text) => void response.write(text)
      write('event: todo:deleted\ndata: "1"\n\n')
    })
    const { client, todos, seen, stops } = open(url)
    await eventually(() => seen.length === 1)
    const [created, updated, deleted, message] = stops
    for (const stop of [created, updated, deleted]) stop?.()
    write('event: todo:deleted\ndata: "2"\n\ndata: end\n\n')
    await eventually(() => seen.includes('end'))
    expect(seen).toEqual([['deleted', '1'], 'end'])
    let ended = false
    todos.on('todo:created').subscribe({ complete: () => (ended = true) })
    client.close()
    message?.()
    await eventually(() => sockets.size === 0)
    expect(ended).toBe(true)
  })
})
