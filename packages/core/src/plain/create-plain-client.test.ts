import { createVirtualTime } from '@syncline/testing'
import { firstValueFrom } from 'rxjs'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { createScriptedPlainTransport } from '../../test/scripted-transport.ts'
import type { TokenProvider } from '../connection/token-provider.ts'
import type { PlainEvent } from '../transport/plain-provider.ts'
import { createPlainClient } from './create-plain-client.ts'
import { createPlainConnection } from './create-plain-connection.ts'
import type { PlainClient } from './plain-client.ts'

interface Todo {
  readonly id: string
}
interface TodoEvents {
  'todo:created': Todo
  'todo:deleted': string
}

const setUp = (options: { readonly token?: TokenProvider; readonly bare?: boolean } = {}) => {
  const time = createVirtualTime()
  const calls: string[] = []
  const sent: PlainEvent[] = []
  const scripted = createScriptedPlainTransport(
    options.bare
      ? {}
      : {
          join: (channel) => calls.push(`join ${channel}`),
          leave: (channel) => calls.push(`leave ${channel}`),
          send: async (event) => void sent.push(event),
        },
  )
  const connection = createPlainConnection({
    transport: scripted.transport,
    environment: time.environment,
    token: options.token,
  })
  const client = createPlainClient<true>({ connection })
  const todos = client.plain<TodoEvents>('todos')
  return { time, scripted, client, todos, calls, sent }
}

const nothing = () => {}

describe('listening', () => {
  it('is inert until somebody listens', () => {
    const { scripted, client, todos } = setUp()
    todos.on('todo:created')
    expect(client.status$.get().at).toBe('idle')
    todos.on('todo:created', nothing)
    expect(client.status$.get().at).toBe('connecting')
    scripted.open()
    expect(client.status$.get().at).toBe('connected')
  })

  it('hears the events of its channel, by name', () => {
    const { scripted, client, todos } = setUp()
    const seen: unknown[] = []
    todos.on('todo:created', (todo) => seen.push(['todos', todo.id]))
    client.plain<TodoEvents>('other').on('todo:created', (todo) => seen.push(['other', todo.id]))
    client.plain<TodoEvents>().on('todo:created', (todo) => seen.push(['any', todo.id]))
    scripted.open()
    scripted.event({ channel: 'todos', event: 'todo:created', data: { id: '1' } })
    scripted.event({ channel: 'todos', event: 'todo:deleted', data: '1' })
    scripted.event({ channel: 'toString', event: 'constructor', data: '1' })
    expect(seen).toEqual([
      ['todos', '1'],
      ['any', '1'],
    ])
  })

  it('hears events whose channel nobody tells, on every channel', () => {
    const { scripted, client, todos } = setUp()
    const seen: string[] = []
    todos.on('todo:created', () => seen.push('todos'))
    client.plain<TodoEvents>().on('todo:created', () => seen.push('any'))
    scripted.open()
    scripted.event({ event: 'todo:created', data: { id: '1' } })
    expect(seen.sort()).toEqual(['any', 'todos'])
  })

  it('hears nothing of an attempt that is over', () => {
    const { scripted, todos } = setUp()
    const seen: unknown[] = []
    todos.on('todo:deleted', (id) => seen.push(id))
    scripted.open()
    scripted.event({ channel: 'todos', event: 'todo:deleted', data: '1' })
    scripted.fail()
    scripted.event({ channel: 'todos', event: 'todo:deleted', data: '2' })
    expect(seen).toEqual(['1'])
  })

  it('is an Observable without a listener, which ends with the client', async () => {
    const { scripted, client, todos } = setUp()
    const first = firstValueFrom(todos.on('todo:created'))
    const never = firstValueFrom(todos.on('todo:deleted'), { defaultValue: 'ended' })
    scripted.open()
    scripted.event({ channel: 'todos', event: 'todo:created', data: { id: '1' } })
    expect(await first).toEqual({ id: '1' })
    client.close()
    expect(await never).toBe('ended')
  })

  it('lets a listener stop another one, and itself, in the middle of an event', () => {
    const { scripted, client } = setUp()
    const seen: string[] = []
    const any = client.plain<TodoEvents>()
    const stop = any.on('todo:created', () => {
      seen.push('first')
      stop()
      stopOther()
    })
    const stopOther = any.on('todo:created', () => seen.push('second'))
    scripted.open()
    for (let event = 0; event < 2; event++) scripted.event({ event: 'todo:created', data: { id: '1' } })
    expect(seen).toEqual(['first'])
  })
})

describe('a listener that adds another one', () => {
  it('does not show it the event that is on its way', () => {
    const { scripted, client, todos } = setUp()
    let added = 0
    todos.on('todo:created', () => {
      client.plain<TodoEvents>(`other-${added}`).on('todo:created', () => added++)
    })
    scripted.open()
    scripted.event({ event: 'todo:created', data: { id: '1' } })
    expect(added).toBe(0)
  })
})

describe('joining', () => {
  it('joins with the first listener and leaves with the last', () => {
    const { scripted, todos, client, calls } = setUp()
    const stops = [todos.on('todo:created', nothing), todos.on('todo:deleted', nothing)]
    client.plain('todos').on('todo:created', nothing)()
    client.plain<TodoEvents>().on('todo:created', nothing)
    scripted.open()
    expect(calls).toEqual(['join todos'])
    stops[0]!()
    stops[0]!()
    expect(calls).toEqual(['join todos'])
    stops[1]!()
    expect(calls).toEqual(['join todos', 'leave todos'])
    todos.on('todo:created', nothing)
    expect(calls).toEqual(['join todos', 'leave todos', 'join todos'])
  })

  it('joins again after each reconnect, only what is still listened to', async () => {
    const { scripted, todos, client, calls, time } = setUp()
    todos.on('todo:created', nothing)
    const stop = client.plain<TodoEvents>('other').on('todo:created', nothing)
    scripted.open()
    scripted.fail()
    stop()
    await time.advance(1_000)
    scripted.open()
    expect(calls).toEqual(['join todos', 'join other', 'join todos'])
  })

  it('works with a provider that has no channels', () => {
    const { scripted, todos } = setUp({ bare: true })
    const stop = todos.on('todo:created', nothing)
    scripted.open()
    stop()
  })
})

describe('sending', () => {
  it('sends at once', async () => {
    const { scripted, client, todos, sent } = setUp()
    client.connect()
    scripted.open()
    await todos.send('todo:create', { id: '1' })
    await client.plain().send('hello', 7)
    expect(sent).toEqual([
      { channel: 'todos', event: 'todo:create', data: { id: '1' } },
      { channel: undefined, event: 'hello', data: 7 },
    ])
  })

  it('rejects when not connected and never sends it later', async () => {
    const { scripted, client, todos, sent } = setUp()
    await expect(todos.send('todo:create', 1)).rejects.toMatchObject({
      code: 'not-connected',
      channel: 'todos',
    })
    scripted.open()
    client.close()
    await expect(todos.send('todo:create', 1)).rejects.toMatchObject({ code: 'not-connected' })
    expect(sent).toEqual([])
  })

  it('is in the type only where the transport can send', () => {
    expectTypeOf<ReturnType<PlainClient<true>['plain']>>().toHaveProperty('send')
    expectTypeOf<ReturnType<PlainClient<false>['plain']>>().not.toHaveProperty('send')
    expectTypeOf<ReturnType<PlainClient['plain']>>().not.toHaveProperty('send')
  })
})

describe('the connection', () => {
  it('takes the token along and renews it before a reconnect that needs it', async () => {
    const clock = createVirtualTime()
    let calls = 0
    const { scripted, client, time } = setUp({
      token: () => ({ token: `t${++calls}`, expiresAt: clock.environment.now() + 100_000 }),
    })
    client.connect()
    await time.settle()
    scripted.open()
    await time.advance(95_000)
    expect(scripted.attempts).toHaveLength(1)
    scripted.fail()
    await time.advance(1_000)
    expect(scripted.attempts.map(({ token }) => token)).toEqual(['t1', 't2'])
  })

  it('leaves nothing behind when closed', async () => {
    const { scripted, client, todos, time } = setUp()
    todos.on('todo:created', nothing)
    scripted.open()
    client.close()
    expect(client.status$.get().at).toBe('closed')
    expect(time.timers).toBe(0)
    expect(scripted.counts).toEqual({ opened: 1, disposed: 1, live: 0 })
  })
})
