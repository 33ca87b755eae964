import { createServer } from 'node:http'
import { createClient, type PlainChannel, type PlainTransportEvent } from '@syncline/core'
import type { PusherEmulator } from '@syncline/emulator'
import { collect, createVirtualTime, eventually, until } from '@syncline/testing'
import { listen, watch } from '@syncline/testing/adapter'
import type { ChannelAuthorizationHandler } from 'pusher-js'
import nacl from 'tweetnacl'
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { type PlainPusherOptions, plainPusher } from '../src/plain/index.ts'
import { clientOptions, createServerSdk, startEmulator } from './servers.ts'

interface Todo {
  readonly id: string
}

/** Signs as an app's server does: whoever it is told to. */
const signing = (emulator: PusherEmulator, user = 'ada', info: object = { name: user }) => {
  const server = createServerSdk(emulator)
  const customHandler: ChannelAuthorizationHandler = ({ socketId, channelName }, callback) => {
    const member = channelName.startsWith('presence-') ? { user_id: user, user_info: info } : undefined
    callback(null, server.authorizeChannel(socketId, channelName, member))
  }
  return { customHandler }
}

const open = (emulator: PusherEmulator, options: Partial<PlainPusherOptions> = {}, user?: string) => {
  const client = createClient({
    transport: plainPusher({
      ...clientOptions(emulator),
      channelAuthorization: signing(emulator, user),
      ...options,
    }),
    backoff: { firstDelay: 20, cap: 50 },
  })
  onTestFinished(() => client.close())
  return { client, errors: collect(client.errors$) }
}

const subscribed = (emulator: PusherEmulator, channel: string, count = 1) =>
  eventually(
    () => emulator.connections().filter(({ channels }) => channels.includes(channel)).length === count,
    { what: `${count} on ${channel}` },
  )

describe('channels', () => {
  test.each(['todos', 'private-todos', 'presence-todos', 'cache-todos', 'private-encrypted-todos'])(
    'events of %s come as they are, until nobody listens',
    async (name) => {
      const emulator = await startEmulator()
      const server = createServerSdk(emulator)
      const { client, errors } = open(emulator, { nacl })
      const seen: unknown[] = []
      const stop = client.plain<{ created: Todo }>(name).on('created', (todo) => seen.push(todo))
      await subscribed(emulator, name)
      await server.trigger(name, 'created', { id: 'a' })
      await server.trigger(name, 'deleted', { id: 'a' })
      await server.trigger(name, 'created', 'text')
      await eventually(() => seen.length === 2)
      expect(seen).toEqual([{ id: 'a' }, 'text'])
      stop()
      await subscribed(emulator, name, 0)
      expect(errors.values).toEqual([])
    },
  )

  test('a cache channel gives its last event to who comes later', async () => {
    const emulator = await startEmulator()
    await createServerSdk(emulator).trigger('cache-todos', 'created', { id: 'a' })
    const { client } = open(emulator)
    const seen = collect(client.plain<{ created: Todo }>('cache-todos').on('created'))
    await seen.until(({ length }) => length === 1)
    expect(seen.values).toEqual([{ id: 'a' }])
  })

  test('come back with the connection; what was sent meanwhile is lost', async () => {
    const emulator = await startEmulator()
    const server = createServerSdk(emulator)
    const { client } = open(emulator)
    const seen = collect(client.plain<{ created: Todo }>('todos').on('created'))
    await subscribed(emulator, 'todos')
    emulator.faults.refuse(true)
    emulator.faults.drop()
    await until(client.status$, ({ at }) => at === 'reconnecting')
    emulator.faults.refuse(false)
    await subscribed(emulator, 'todos')
    await server.trigger('todos', 'created', { id: 'b' })
    await seen.until(({ length }) => length === 1)
    expect(seen.values).toEqual([{ id: 'b' }])
  })

  test('every event of every channel, without a name', async () => {
    const emulator = await startEmulator()
    const server = createServerSdk(emulator)
    const { client } = open(emulator)
    const seen = collect(client.plain<{ created: Todo }>().on('created'))
    client.plain('a').on('created', () => {})
    client.plain('b').on('created', () => {})
    await subscribed(emulator, 'b')
    await server.trigger(['a', 'b'], 'created', { id: 'x' })
    await seen.until(({ length }) => length === 2)
  })
})

describe('authorisation', () => {
  const startEndpoint = async (answer: (body: URLSearchParams, token?: string) => object | undefined) => {
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += part
      const signed = answer(new URLSearchParams(body), request.headers.authorization)
      response.writeHead(signed ? 200 : 403, { 'content-type': 'application/json' })
      response.end(JSON.stringify(signed ?? {}))
    })
    const url = await listen(server, 0)
    onTestFinished(() => {
      server.close()
      server.closeAllConnections()
    })
    return url
  }

  test("an endpoint of the app's server gets the client's token", async () => {
    const emulator = await startEmulator()
    const server = createServerSdk(emulator)
    const tokens: unknown[] = []
    const endpoint = await startEndpoint((body, token) => {
      tokens.push(token)
      return server.authorizeChannel(String(body.get('socket_id')), String(body.get('channel_name')))
    })
    const client = createClient({
      token: () => 'ada-token',
      transport: plainPusher({ ...clientOptions(emulator), channelAuthorization: { endpoint } }),
    })
    onTestFinished(() => client.close())
    client.plain('private-todos').on('created', () => {})
    await subscribed(emulator, 'private-todos')
    expect(tokens).toEqual(['Bearer ada-token'])
  })

  test('a refusal is told, the others go on, and joining again asks again', async () => {
    const emulator = await startEmulator()
    const server = createServerSdk(emulator)
    let admits = false
    const endpoint = await startEndpoint((body) =>
      admits || body.get('channel_name') === 'private-other'
        ? server.authorizeChannel(String(body.get('socket_id')), String(body.get('channel_name')))
        : undefined,
    )
    const { client, errors } = open(emulator, { channelAuthorization: { endpoint } })
    client.plain('private-other').on('created', () => {})
    const stop = client.plain('private-todos').on('created', () => {})
    const [error] = await errors.until(({ length }) => length === 1)
    expect(error).toMatchObject({ code: 'forbidden', channel: 'private-todos' })
    expect(error?.detail).toMatch(/^channelAuthorization or Pusher refused private-todos: /)
    await subscribed(emulator, 'private-other')
    expect(client.status$.get().at).toBe('connected')
    stop()
    admits = true
    client.plain('private-todos').on('created', () => {})
    await subscribed(emulator, 'private-todos')
  })

  test('a signature that Pusher refuses is told, and joining again asks again', async () => {
    const emulator = await startEmulator()
    const guessed = createServerSdk(emulator, { secret: 'guessed' })
    const right = createServerSdk(emulator)
    let server = guessed
    const { client, errors } = open(emulator, {
      channelAuthorization: {
        customHandler: ({ socketId, channelName }, callback) =>
          callback(null, server.authorizeChannel(socketId, channelName)),
      },
    })
    const stop = client.plain('private-todos').on('created', () => {})
    const [error] = await errors.until(({ length }) => length === 1)
    expect(error).toMatchObject({ code: 'forbidden', channel: 'private-todos' })
    stop()
    server = right
    client.plain('private-todos').on('created', () => {})
    await subscribed(emulator, 'private-todos')
  })

  test('told as pusher:error, without a channel', async () => {
    const emulator = await startEmulator({ refusals: 'pusher:error' })
    const { client, errors } = open(emulator, {
      channelAuthorization: { customHandler: (_, callback) => callback(null, { auth: 'key:bad' }) },
    })
    client.plain('private-todos').on('created', () => {})
    const [error] = await errors.until(({ length }) => length === 1)
    expect(error).toMatchObject({ code: 'transport-failed' })
    expect(error?.channel).toBeUndefined()
  })

  test.each(['#todos', 'board/42', 'to dos'])('there is no channel %s', async (name) => {
    const emulator = await startEmulator()
    const { client, errors } = open(emulator)
    client.plain(name).on('created', () => {})
    const [error] = await errors.until(({ length }) => length === 1)
    expect(error).toMatchObject({ code: 'invalid-channel', channel: name })
  })

  test('a key that Pusher does not know ends in failed', async () => {
    const emulator = await startEmulator()
    const { client } = open(emulator, { key: 'other' })
    client.connect()
    await until(client.status$, ({ at }) => at === 'failed')
    expect(() => plainPusher({} as never)).toThrow(TypeError)
  })
})

describe('sending', () => {
  test('goes to the others, by events of clients on private channels', async () => {
    const emulator = await startEmulator()
    const ada = open(emulator).client.plain<{ 'client-typing': string }, { 'client-typing': string }>(
      'private-todos',
    )
    const bob = open(emulator).client.plain<{ 'client-typing': string }>('private-todos')
    const own = collect(ada.on('client-typing'))
    const ready = collect((ada as PlainChannel<Record<string, unknown>>).on('pusher:subscription_succeeded'))
    const seen = collect(bob.on('client-typing'))
    await subscribed(emulator, 'private-todos', 2)
    await ready.until(({ length }) => length === 1)
    await ada.send('client-typing', 'ada')
    await seen.until(({ length }) => length >= 1)
    expect(seen.values[0]).toBe('ada')
    expect(own.values).toEqual([])
  })

  test('is refused where Pusher has no way for it', async () => {
    const emulator = await startEmulator()
    const session = plainPusher({
      ...clientOptions(emulator),
      channelAuthorization: signing(emulator),
    }).open(createVirtualTime().environment)
    onTestFinished(() => session.dispose())
    const { link } = await watch(session.attempt({ token: undefined })).until(
      (event: PlainTransportEvent) => event.type === 'open',
    )
    for (const channel of ['todos', 'cache-todos', 'private-encrypted-todos', undefined])
      await expect(link.send?.({ channel, event: 'client-a', data: 1 })).rejects.toMatchObject({
        code: 'publish-forbidden',
      })
    await expect(link.send?.({ channel: 'private-a', event: 'a', data: 1 })).rejects.toMatchObject({
      code: 'publish-forbidden',
    })
    await expect(link.send?.({ channel: 'private-a', event: 'client-a', data: 1 })).rejects.toMatchObject({
      code: 'not-connected',
    })
  })

  test('more than Pusher takes is told as rate-limited', async () => {
    // After the first there is no more for a thousand seconds, however slow the machine is.
    const emulator = await startEmulator({ limits: { clientEventsPerSecond: 0.001 } })
    const { client, errors } = open(emulator)
    const channel = client.plain('private-todos')
    const ready = collect(channel.on('pusher:subscription_succeeded'))
    await ready.until(({ length }) => length === 1)
    for (let event = 0; event < 4; event++) await channel.send('client-a', event)
    const [error] = await errors.until(({ length }) => length > 0)
    expect(error).toMatchObject({ code: 'rate-limited' })
    expect(client.status$.get().at).toBe('connected')
  })

  test('is in the type by the name of the channel', async () => {
    const { client } = open(await startEmulator())
    expectTypeOf(client.plain('private-a')).toHaveProperty('send')
    expectTypeOf(client.plain('presence-a')).toHaveProperty('send')
    expectTypeOf(client.plain('private-encrypted-a')).not.toHaveProperty('send')
    expectTypeOf(client.plain('todos')).not.toHaveProperty('send')
    expectTypeOf(client.plain()).not.toHaveProperty('send')
    expectTypeOf(client.plain('presence-a')).toHaveProperty('presence')
    expectTypeOf(client.plain('private-a')).not.toHaveProperty('presence')
    const typed = client.plain<Record<string, never>, { 'client-typing': string; typing: string }>(
      'private-a',
    )
    expectTypeOf(typed.send).parameter(0).toEqualTypeOf<'client-typing'>()
  })
})

describe("the provider's own presence", () => {
  const present = (emulator: PusherEmulator, user: string) =>
    open(emulator, {}, user).client.plain<Record<string, unknown>, Record<never, never>, { name: string }>(
      'presence-todos',
    ).presence

  test('who is there, who comes and who goes, by person', async () => {
    const emulator = await startEmulator()
    const ada = present(emulator, 'ada')
    const members = collect(ada.members$)
    const changes = collect(ada.changes$)
    const me = { id: 'ada', data: { name: 'ada' }, me: true }
    await members.until((seen) => seen.at(-1)?.length === 1)
    expect(members.values).toEqual([undefined, [me]])
    const bob = collect(present(emulator, 'bob').members$)
    await members.until((seen) => seen.at(-1)?.length === 2)
    const other = { id: 'bob', data: { name: 'bob' }, me: false }
    expect(ada.members$.get()).toEqual([me, other])
    expect(changes.values).toEqual([{ type: 'enter', member: other }])
    // A second tab of the same person is nobody new.
    const tab = collect(present(emulator, 'bob').members$)
    await tab.until((seen) => seen.at(-1)?.length === 2)
    tab.stop()
    await subscribed(emulator, 'presence-todos', 2)
    bob.stop()
    await members.until((seen) => seen.at(-1)?.length === 1)
    expect(changes.values).toEqual([
      { type: 'enter', member: other },
      { type: 'leave', member: other },
    ])
  })

  test('is unknown without a link, and known again after it', async () => {
    const emulator = await startEmulator()
    const members = collect(present(emulator, 'ada').members$)
    await members.until((seen) => seen.at(-1)?.length === 1)
    emulator.faults.drop()
    await members.until((seen) => seen.length > 2 && seen.at(-1)?.length === 1)
    expect(members.values.map((list) => list?.length)).toEqual([undefined, 1, undefined, 1])
  })

  test('listeners that come later know at once', async () => {
    const emulator = await startEmulator()
    const ada = present(emulator, 'ada')
    const first = collect(ada.changes$)
    await subscribed(emulator, 'presence-todos')
    await until(ada.members$, (list) => list?.length === 1)
    first.stop()
  })
})
