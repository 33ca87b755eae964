import { createClient, type PlainTransportEvent } from '@syncline/core'
import { createVirtualTime, eventually, until } from '@syncline/testing'
import { startSilence, unusedUrl, watch } from '@syncline/testing/adapter'
import type { Server } from 'socket.io'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type PlainSocketIoOptions, plainSocketIo } from '../src/plain/index.ts'
import { startSocketIo } from './servers.ts'

interface Todo {
  readonly id: string
  readonly text: string
  readonly done: boolean
}

/** A todo server as one would write it without Syncline. */
const serveTodos = (io: Server) =>
  io.on('connection', (socket) => {
    const todos = new Map<string, Todo>([['1', { id: '1', text: 'Milk', done: false }]])
    const tell = (event: string, data: unknown) => io.to('todos').emit(event, data)
    socket.on('join:room', (room: string) => {
      void socket.join(room)
      socket.emit('todos:init', [...todos.values()])
    })
    socket.on('leave:room', (room: string) => void socket.leave(room))
    socket.on('todo:create', (todo: Todo) => {
      todos.set(todo.id, todo)
      tell('todo:created', todo)
    })
    socket.on('todo:update', (todo: Todo) => {
      todos.set(todo.id, todo)
      tell('todo:updated', todo)
    })
    socket.on('todo:delete', (id: string, done?: () => void) => {
      todos.delete(id)
      tell('todo:deleted', id)
      done?.()
    })
  })

const isOpen = (event: PlainTransportEvent) => event.type === 'open'
const isEvent = (event: PlainTransportEvent) => event.type === 'event'

const connect = (url: string, options?: PlainSocketIoOptions, token?: string) => {
  const session = plainSocketIo(url, options).open(createVirtualTime().environment)
  onTestFinished(() => session.dispose())
  return { session, ...watch(session.attempt({ token })) }
}

describe('a plain todo server', () => {
  test('rooms, events and sends', async () => {
    const { io, url } = await startSocketIo()
    serveTodos(io)
    const route = () => 'todos'
    const ada = connect(url, { route, ackTimeout: 10_000 })
    const bob = connect(url, { route })
    const { link } = await ada.until(isOpen)
    const other = await bob.until(isOpen)
    link.join?.('todos')
    other.link.join?.('todos')
    await ada.until(isEvent)
    await bob.until(isEvent)
    const bread: Todo = { id: '2', text: 'Bread', done: false }
    await other.link.send?.({ event: 'todo:create', data: bread })
    await other.link.send?.({ event: 'todo:update', data: { ...bread, done: true } })
    await eventually(() => ada.events.filter(isEvent).length === 3)
    await link.send?.({ event: 'todo:delete', data: '2' })
    await eventually(() => [ada, bob].every(({ events }) => events.filter(isEvent).length === 4))
    const expected = [
      ['todos:init', [{ id: '1', text: 'Milk', done: false }]],
      ['todo:created', bread],
      ['todo:updated', { ...bread, done: true }],
      ['todo:deleted', '2'],
    ].map(([event, data]) => ({ type: 'event', event: { channel: 'todos', event, data } }))
    expect(ada.events.filter(isEvent)).toEqual(expected)
    expect(bob.events.filter(isEvent)).toEqual(expected)

    link.leave?.('todos')
    await other.link.send?.({ event: 'todo:create', data: bread })
    await eventually(() => bob.events.filter(isEvent).length === 5)
    expect(ada.events.filter(isEvent)).toHaveLength(4)
  })

  test('rooms named in another way, several arguments, another namespace and handshake', async () => {
    const { io, url } = await startSocketIo()
    io.of('/app').on('connection', (socket) => {
      socket.on('room', (action: string, room: string) =>
        socket.emit('moved', action, room, socket.handshake.auth),
      )
    })
    const { until } = connect(
      url,
      {
        namespace: '/app',
        join: (channel) => ['room', 'enter', channel],
        leave: (channel) => ['room', 'exit', channel],
        route: (_event, data) => (data as string[])[1],
        auth: (token) => ({ bearer: token }),
      },
      'secret',
    )
    const { link } = await until(isOpen)
    link.join?.('board/42')
    expect(await until(isEvent)).toEqual({
      type: 'event',
      event: { channel: 'board/42', event: 'moved', data: ['enter', 'board/42', { bearer: 'secret' }] },
    })
  })

  test('a send that nobody acknowledges, and one without a link, are refused', async () => {
    const { io, url, kill } = await startSocketIo()
    serveTodos(io)
    const { until, failure } = connect(url, { ackTimeout: 20 })
    const { link } = await until(isOpen)
    await expect(link.send?.({ event: 'todo:create', data: { id: '9' } })).rejects.toMatchObject({
      code: 'transport-failed',
    })
    await kill()
    expect((await failure).code).toBe('transport-failed')
    await expect(link.send?.({ event: 'todo:create', data: {} })).rejects.toMatchObject({
      code: 'not-connected',
    })
  })

  test('a refused and a silent server', async () => {
    expect((await connect(await unusedUrl()).failure).code).toBe('transport-failed')
    const { url, sockets } = await startSilence()
    const { subscription } = connect(url)
    await eventually(() => sockets.size > 0)
    subscription.unsubscribe()
    await eventually(() => sockets.size === 0)
  })

  test('goes on with the same session after the server was away', async () => {
    const first = await startSocketIo()
    const { session, until, failure } = connect(first.url)
    expect((await until(isOpen)).continuity).toBe('unknown')
    await first.kill()
    await failure
    const second = await startSocketIo({}, Number(new URL(first.url).port))
    serveTodos(second.io)
    const again = watch(session.attempt({ token: undefined }))
    expect((await again.until(isOpen)).continuity).toBe('lost')
  })
})

interface TodoEvents {
  'todos:init': readonly Todo[]
  'todo:created': Todo
  'todo:updated': Todo
  'todo:deleted': string
}

interface TodoSends {
  'todo:create': Todo
  'todo:update': Todo
  'todo:delete': string
}

describe('a client of a plain todo server', () => {
  const open = (url: string) => {
    const client = createClient({ transport: plainSocketIo(url), backoff: { firstDelay: 20 } })
    onTestFinished(() => client.close())
    const todos = client.plain<TodoEvents, TodoSends>('todos')
    const seen: unknown[] = []
    const stops = [
      todos.on('todos:init', (all) => seen.push(['init', all.length])),
      todos.on('todo:created', ({ text }) => seen.push(['created', text])),
      todos.on('todo:updated', ({ done }) => seen.push(['updated', done])),
      todos.on('todo:deleted', (id) => seen.push(['deleted', id])),
    ]
    return { client, todos, seen, stops }
  }
  const bread: Todo = { id: '2', text: 'Bread', done: false }
  const all = [
    ['created', 'Bread'],
    ['updated', true],
    ['deleted', '2'],
  ]
  const change = async ({ todos }: ReturnType<typeof open>) => {
    await todos.send('todo:create', bread)
    await todos.send('todo:update', { ...bread, done: true })
    await todos.send('todo:delete', '2')
  }

  test('joins its room once, hears it and sends; another client hears that too', async () => {
    const { io, url } = await startSocketIo()
    serveTodos(io)
    const [ada, bob] = [open(url), open(url)]
    await eventually(() => [ada, bob].every(({ seen }) => seen.length === 1))
    await change(ada)
    await eventually(() => [ada, bob].every(({ seen }) => seen.length === 4))
    expect(ada.seen).toEqual([['init', 1], ...all])
    expect(bob.seen).toEqual(ada.seen)
  })

  test('joins again after the server was away, and hears nothing twice', async () => {
    const first = await startSocketIo()
    serveTodos(first.io)
    const ada = open(first.url)
    await eventually(() => ada.seen.length === 1)
    await first.kill()
    await until(ada.client.status$, ({ at }) => at === 'reconnecting')
    await expect(ada.todos.send('todo:delete', '1')).rejects.toMatchObject({
      code: 'not-connected',
      channel: 'todos',
    })
    const second = await startSocketIo({}, Number(new URL(first.url).port))
    serveTodos(second.io)
    await eventually(() => ada.seen.length === 2)
    await change(ada)
    await eventually(() => ada.seen.length === 5)
    expect(ada.seen).toEqual([['init', 1], ['init', 1], ...all])
    expect([...(second.io.of('/').adapter.rooms.get('todos') ?? [])]).toHaveLength(1)
  })

  test('a send before there is a connection says so, and connects', async () => {
    const { io, url } = await startSocketIo()
    serveTodos(io)
    const client = createClient({ transport: plainSocketIo(url) })
    onTestFinished(() => client.close())
    const todos = client.plain<TodoEvents, TodoSends>('todos')
    await expect(todos.send('todo:create', bread)).rejects.toMatchObject({ code: 'not-connected' })
    await until(client.status$, ({ at }) => at === 'connected')
    await todos.send('todo:create', bread)
  })

  test('leaves its room with the last listener, and closes for good', async () => {
    const { io, url, sockets } = await startSocketIo()
    serveTodos(io)
    const ada = open(url)
    await eventually(() => ada.seen.length === 1)
    expect(io.of('/').adapter.rooms.has('todos')).toBe(true)
    const [first, ...others] = ada.stops
    for (const stop of others) stop()
    await ada.todos.send('todo:create', bread)
    expect(io.of('/').adapter.rooms.has('todos')).toBe(true)
    first?.()
    await eventually(() => !io.of('/').adapter.rooms.has('todos'))
    io.emit('todo:created', bread)
    let ended = false
    ada.todos.on('todo:created').subscribe({ complete: () => (ended = true) })
    ada.client.close()
    await eventually(() => sockets.size === 0)
    expect(ended).toBe(true)
    expect(ada.seen).toEqual([['init', 1]])
    expect(ada.client.status$.get().at).toBe('closed')
  })
})
