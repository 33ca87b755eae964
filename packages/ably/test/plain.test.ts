import { type ClientOptions, createClient } from '@syncline/core'
import type { PlainPresenceChange } from '@syncline/core/plain'
import type { AblyEmulator } from '@syncline/emulator'
import { collect, eventually, until } from '@syncline/testing'
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { type PlainAblyOptions, plainAbly } from '../src/plain/index.ts'
import { local, restAt, startAbly, untilListeners } from './emulated.ts'

interface TodoEvents {
  created: { readonly id: string }
  counted: number
}

/** A client whose tokens come from a backend, as `clientId`. */
const open = (
  emulator: AblyEmulator,
  clientId = 'ada',
  options: PlainAblyOptions = {},
  settings: Partial<ClientOptions> = {},
) => {
  const { auth } = restAt(emulator)
  let tokens = 0
  const transport = plainAbly({
    ...local(emulator),
    useBinaryProtocol: false,
    authCallback: (_, done) => {
      tokens++
      auth.requestToken({ clientId }).then(
        (token) => done(null, token),
        (error) => done(error, null),
      )
    },
    ...options,
  })
  const client = createClient({ backoff: { firstDelay: 20, cap: 100 }, ...settings, transport })
  onTestFinished(() => client.close())
  const errors = collect(client.errors$)
  return { client, errors, tokens: () => tokens, todos: client.plain<TodoEvents, TodoEvents>('todos') }
}
const attached = (emulator: AblyEmulator, count: number, name = 'todos') =>
  untilListeners(restAt(emulator), name, count)

describe('events', () => {
  test.each([false, true])('of every kind of data come and go (msgpack: %s)', async (useBinaryProtocol) => {
    const emulator = await startAbly()
    const ada = open(emulator, 'ada', { useBinaryProtocol })
    const seen: unknown[] = []
    ada.todos.on('created', (todo) => seen.push(todo))
    ada.todos.on('counted', (count) => seen.push(count))
    await attached(emulator, 1)
    const bob = open(emulator, 'bob', { useBinaryProtocol })
    bob.client.connect()
    await until(bob.client.status$, ({ at }) => at === 'connected')
    await bob.todos.send('created', { id: '1' })
    await bob.todos.send('counted', 0)
    await bob.todos.send('counted', 42)
    await restAt(emulator).channels.get('todos').publish('created', 'a text')
    await eventually(() => seen.length === 4)
    expect(seen).toEqual([{ id: '1' }, 0, 42, 'a text'])
    expect([...ada.errors.values, ...bob.errors.values]).toEqual([])
  })

  test('begin with what was said lately, where that is asked for', async () => {
    const emulator = await startAbly()
    const backend = restAt(emulator).channels.get('todos')
    for (const id of ['1', '2', '3']) await backend.publish('created', { id })
    const { todos } = open(emulator, 'ada', { channelOptions: () => ({ params: { rewind: '2' } }) })
    const seen: unknown[] = []
    todos.on('created', ({ id }) => seen.push(id))
    await eventually(() => seen.length === 2)
    expect(seen).toEqual(['2', '3'])
  })

  test('that were missed in a short cut come, each once', async () => {
    const emulator = await startAbly()
    const { client, todos } = open(emulator, 'ada', {}, { backoff: { firstDelay: 100, cap: 200 } })
    const seen: unknown[] = []
    todos.on('created', ({ id }) => seen.push(id))
    await attached(emulator, 1)
    const backend = restAt(emulator).channels.get('todos')
    await backend.publish('created', { id: '1' })
    emulator.faults.drop()
    await until(client.status$, ({ at }) => at === 'reconnecting')
    await backend.publish('created', { id: '2' })
    await until(client.status$, ({ at }) => at === 'connected')
    await backend.publish('created', { id: '3' })
    await eventually(() => seen.length >= 3)
    expect(seen).toEqual(['1', '2', '3'])
  })

  test('are not heard any more once nobody listens, and again when somebody does', async () => {
    const emulator = await startAbly()
    const { todos } = open(emulator)
    const seen: unknown[] = []
    const listen = () => todos.on('created', ({ id }) => seen.push(id))
    let stop = listen()
    await attached(emulator, 1)
    stop()
    await attached(emulator, 0)
    for (let round = 0; round < 3; round++) {
      stop = listen()
      stop()
    }
    listen()
    await attached(emulator, 1)
    await restAt(emulator).channels.get('todos').publish('created', { id: '1' })
    await eventually(() => seen.length === 1)
  })
})

describe('sending', () => {
  test('says why it was refused', async () => {
    const emulator = await startAbly()
    const { auth } = restAt(emulator)
    const { client, todos } = open(emulator, 'ada', {
      authCallback: (_, done) => {
        const capability = { todos: ['subscribe'], open: ['publish'] } as const
        void auth.requestToken({ capability: capability as never }).then((token) => done(null, token))
      },
    })
    await expect(todos.send('counted', 1)).rejects.toMatchObject({ code: 'not-connected', channel: 'todos' })
    await until(client.status$, ({ at }) => at === 'connected')
    await expect(todos.send('counted', 1)).rejects.toMatchObject({ code: 'forbidden', channel: 'todos' })
    const large = client.plain('open').send('said', 'x'.repeat(70_000))
    await expect(large).rejects.toMatchObject({ code: 'too-large' })
    await client.plain('open').send('said', 'small')
    // @ts-expect-error Ably has no events of the connection.
    await expect(client.plain().send('said', 1)).rejects.toMatchObject({ code: 'invalid-channel' })
  })

  // After the first there is no more for a thousand seconds, however slow the machine is.
  test.each([{ connectionRate: 0.001 }, { channelRate: 0.001 }])(
    'faster than Ably takes it is told with a wait: %o',
    async (limits) => {
      const emulator = await startAbly({ limits })
      const { client, todos } = open(emulator)
      client.connect()
      await until(client.status$, ({ at }) => at === 'connected')
      const sends = await Promise.allSettled([1, 2, 3, 4, 5].map((n) => todos.send('counted', n)))
      const refused = sends.flatMap((send) => (send.status === 'rejected' ? [send.reason] : []))
      expect(refused.length).toBeGreaterThan(0)
      expect(refused[0]).toMatchObject({ code: 'rate-limited', retryAfter: 1_000 })
    },
  )
})

describe('tokens', () => {
  test('are renewed by the callback, in place', async () => {
    const emulator = await startAbly()
    const { client, todos, tokens, errors } = open(emulator)
    const statuses = collect(client.status$)
    const seen: unknown[] = []
    todos.on('created', ({ id }) => seen.push(id))
    await attached(emulator, 1)
    emulator.faults.expireTokens()
    await eventually(() => tokens() === 2)
    await attached(emulator, 1)
    await restAt(emulator).channels.get('todos').publish('created', { id: '1' })
    await eventually(() => seen.length === 1)
    expect(statuses.values.map(({ at }) => at)).not.toContain('reconnecting')
    expect(errors.values).toEqual([])
  })

  test("can be the client's own, which is asked for another when Ably refuses one", async () => {
    const emulator = await startAbly()
    const { auth } = restAt(emulator)
    const reasons: string[] = []
    const { client, todos } = open(
      emulator,
      'ada',
      { authCallback: undefined as never },
      {
        token: async ({ reason }) => {
          reasons.push(reason)
          return (await auth.requestToken({ clientId: 'ada' })).token
        },
      },
    )
    todos.on('created', () => {})
    await attached(emulator, 1)
    emulator.faults.expireTokens()
    await eventually(() => reasons.length === 2)
    await attached(emulator, 1)
    expect(reasons).toEqual(['connect', 'refused'])
    expect(client.status$.get().at).toBe('connected')
  })

  test('that nobody gives, and that Ably will not have, leave the client in needs-auth', async () => {
    const emulator = await startAbly()
    const nobody = open(emulator, 'ada', { authCallback: undefined as never })
    nobody.client.connect()
    expect(await until(nobody.client.status$, ({ at }) => at === 'needs-auth')).toMatchObject({
      error: { code: 'unauthenticated' },
    })
    const forged = open(emulator, 'ada', { authCallback: (_, done) => done(null, 'emulator.not~one') })
    forged.client.connect()
    await until(forged.client.status$, ({ at }) => at === 'needs-auth')
  })

  test('whose callback fails are asked for again', async () => {
    const emulator = await startAbly()
    const { auth } = restAt(emulator)
    let calls = 0
    const { client } = open(emulator, 'ada', {
      authCallback: (_, done) => {
        if (calls++ < 2) done('the backend is down', null)
        else void auth.requestToken({ clientId: 'ada' }).then((token) => done(null, token))
      },
    })
    client.connect()
    await until(client.status$, ({ at }) => at === 'connected')
    expect(calls).toBe(3)
  })
})

test('a channel that is refused is told, and the others go on', async () => {
  const emulator = await startAbly()
  const { auth } = restAt(emulator)
  const { client, errors } = open(emulator, 'ada', {
    authCallback: (_, done) => {
      void auth.requestToken({ capability: { open: ['subscribe'] } }).then((token) => done(null, token))
    },
  })
  const seen: unknown[] = []
  client.plain('closed').on('said', (data) => seen.push(data))
  client.plain('open').on('said', (data) => seen.push(data))
  await errors.until(({ length }) => length === 1)
  expect(errors.values[0]).toMatchObject({ code: 'forbidden', channel: 'closed' })
  await attached(emulator, 1, 'open')
  await restAt(emulator).channels.get('open').publish('said', 'heard')
  await eventually(() => seen.length === 1)
  expect(client.status$.get().at).toBe('connected')
})

describe("Ably's presence", () => {
  const presenceOf = (emulator: AblyEmulator, id: string, settings: Partial<ClientOptions> = {}) => {
    const { client } = open(emulator, id, {}, settings)
    const { presence } = client.plain('room')
    const members = collect(presence.members$)
    const changes = collect(presence.changes$)
    const names = () => members.values.at(-1)?.map((member) => [member.id, member.data, member.me])
    const told = () => changes.values.map(({ type, member }: PlainPresenceChange) => [type, member.id])
    return { client, presence, members, names, told }
  }

  test('shows who enters, changes and leaves; watching does not enter', async () => {
    const emulator = await startAbly()
    const [ada, bob] = [presenceOf(emulator, 'ada'), presenceOf(emulator, 'bob')]
    await until(ada.client.status$, ({ at }) => at === 'connected')
    await eventually(() => ada.names()?.length === 0 && bob.names()?.length === 0)
    await ada.presence.enter({ name: 'Ada' })
    await eventually(() => bob.names()?.length === 1)
    expect(bob.names()).toEqual([['ada', { name: 'Ada' }, false]])
    expect(ada.names()).toEqual([['ada', { name: 'Ada' }, true]])
    await ada.presence.update({ name: 'Ada L.' })
    await eventually(() => bob.told().length === 2)
    await ada.presence.exit()
    await eventually(() => bob.names()?.length === 0)
    expect(bob.told()).toEqual([
      ['enter', 'ada'],
      ['update', 'ada'],
      ['leave', 'ada'],
    ])
  })

  test('goes on after a cut: who had entered is there, and nobody sees them go', async () => {
    const emulator = await startAbly()
    const ada = presenceOf(emulator, 'ada')
    const bob = presenceOf(emulator, 'bob')
    await eventually(() => ada.names()?.length === 0 && bob.names()?.length === 0)
    await ada.presence.enter('here')
    await eventually(() => bob.names()?.length === 1)
    emulator.faults.drop()
    await until(ada.client.status$, ({ at }) => at === 'reconnecting')
    await until(ada.client.status$, ({ at }) => at === 'connected')
    await eventually(() => bob.names()?.length === 1 && ada.names()?.length === 1)
    await ada.presence.update('still here')
    await eventually(() => bob.names()?.[0]?.[1] === 'still here')
    expect(bob.told()).not.toContainEqual(['leave', 'ada'])
  })

  test('needs a client id', async () => {
    const emulator = await startAbly()
    const { auth } = restAt(emulator)
    const { client } = open(emulator, '', {
      authCallback: (_, done) => void auth.requestToken({}).then((token) => done(null, token)),
    })
    client.connect()
    await until(client.status$, ({ at }) => at === 'connected')
    await expect(client.plain('room').presence.enter('me')).rejects.toMatchObject({ channel: 'room' })
  })
})

test('what Ably cannot do is not in the types', () => {
  const client = createClient({ transport: plainAbly() })
  onTestFinished(() => client.close())
  expectTypeOf(client).not.toHaveProperty('outbox')
  expectTypeOf(client.plain).parameter(0).toEqualTypeOf<string>()
  expectTypeOf(client.plain<TodoEvents>('todos')).not.toHaveProperty('mutate')
  // @ts-expect-error A key in a browser would be everybody's.
  plainAbly({ key: 'app.key:secret' })
})
