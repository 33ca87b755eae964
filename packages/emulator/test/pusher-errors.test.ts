import { expect, test } from 'vitest'
import type { PusherEmulator, PusherEmulatorOptions } from '../src/index.ts'
import { sign } from '../src/pusher/signature.ts'
import {
  connected,
  createClientSdk,
  createServerSdk,
  next,
  settled,
  startEmulator,
  subscribed,
} from './pusher-sdks.ts'
import { openRaw } from './raw-socket.ts'

const url = ({ port }: PusherEmulator, path = '/app/key?protocol=7&client=js&version=8.6.0') =>
  `ws://127.0.0.1:${port}${path}`

const openConnection = async (options?: PusherEmulatorOptions) => {
  const raw = openRaw(url(await startEmulator(options)))
  const established = await raw.receive()
  return { ...raw, established }
}

/** An authoriser whose signatures are wrong in one way. */
const authorisedBy = (
  authorise: (socketId: string, channel: string) => { auth: string; channel_data?: string },
) => ({
  channelAuthorization: {
    endpoint: '',
    transport: 'ajax' as const,
    customHandler: (
      { socketId, channelName }: { socketId: string; channelName: string },
      callback: (error: null, data: { auth: string; channel_data?: string }) => void,
    ) => callback(null, authorise(socketId, channelName)),
  },
})

test('an unknown key ends with 4001, and the SDK stops trying', async () => {
  const emulator = await startEmulator()
  const client = createClientSdk(emulator, undefined, { key: 'other' })
  expect(await next(client.connection, 'error')).toMatchObject({ error: { data: { code: 4001 } } })
  expect(client.connection.state).toBe('disconnected')
})

test.each([
  ['/application/key?protocol=7', 4005],
  ['//', 4005],
  ['/app/key?protocol=7&version=new', 4006],
  ['/app/key?protocol=1', 4007],
  ['/app/key', 4008],
])('%s ends with %i', async (path, code) => {
  const { receive, closed } = openRaw(url(await startEmulator(), path))
  expect(await receive()).toMatchObject({ event: 'pusher:error', data: { code } })
  expect((await closed).code).toBe(code)
})

test('one connection too many ends with 4004', async () => {
  const emulator = await startEmulator({ limits: { connections: 1 } })
  await connected(createClientSdk(emulator))
  const { closed } = openRaw(url(emulator))
  expect((await closed).code).toBe(4004)
})

test('a handshake says what the SDK needs', async () => {
  const { established } = await openConnection()
  expect(established.event).toBe('pusher:connection_established')
  expect(JSON.parse(String(established.data))).toEqual({
    socket_id: expect.stringMatching(/^\d+\.\d+$/),
    activity_timeout: 120,
  })
})

test.each(['private-todos', 'presence-todos', 'private-cache-todos'])(
  'a wrong signature for %s is refused on the channel',
  async (name) => {
    const emulator = await startEmulator()
    const forger = createServerSdk(emulator, { secret: 'guessed' })
    const client = createClientSdk(
      emulator,
      undefined,
      authorisedBy((id, channel) => forger.authorizeChannel(id, channel, { user_id: 'ada' })),
    )
    await expect(subscribed(client, name)).rejects.toMatchObject({ type: 'AuthError', status: 401 })
    expect(emulator.connections()[0]?.channels).toEqual([])
  },
)

test.each([
  ['no signature', () => ({ auth: '' })],
  ['the signature of another key', () => ({ auth: 'other:1234' })],
  ['no signature after the key', () => ({ auth: 'key:' })],
])('%s is refused', async (_, authorise) => {
  const client = createClientSdk(await startEmulator(), undefined, authorisedBy(authorise))
  await expect(subscribed(client, 'private-todos')).rejects.toMatchObject({ type: 'AuthError', status: 401 })
})

test('a signature for another channel or socket is refused', async () => {
  const emulator = await startEmulator()
  const backend = createServerSdk(emulator)
  const other = authorisedBy((id) => backend.authorizeChannel(id, 'private-other'))
  await expect(
    subscribed(createClientSdk(emulator, undefined, other), 'private-todos'),
  ).rejects.toMatchObject({
    status: 401,
  })
  const stolen = authorisedBy((_, channel) => backend.authorizeChannel('1.2', channel))
  await expect(
    subscribed(createClientSdk(emulator, undefined, stolen), 'private-todos'),
  ).rejects.toMatchObject({
    status: 401,
  })
})

test.each<unknown>([{}, { toString: null }, 7, ['a']])(
  'channel_data that is no text, but %o, is refused',
  async (data) => {
    const { send, receive } = await openConnection()
    const subscription = { channel: 'presence-a', auth: 'key:signature', channel_data: data }
    send(JSON.stringify({ event: 'pusher:subscribe', data: subscription }))
    expect(JSON.stringify(await receive())).toContain('must be the JSON text that was signed')
    send(JSON.stringify({ event: 'pusher:ping' }))
    expect(await receive()).toMatchObject({ event: 'pusher:pong' })
  },
)

test('a refused subscription can also come as pusher:error', async () => {
  const emulator = await startEmulator({ refusals: 'pusher:error' })
  const client = createClientSdk(
    emulator,
    undefined,
    authorisedBy(() => ({ auth: 'key:bad' })),
  )
  const error = next(client.connection, 'error')
  client.subscribe('private-todos')
  expect(await error).toMatchObject({ type: 'PusherError', data: { code: null } })
})

test.each(['board/42', 'board:42', 'to dos', `private-${'a'.repeat(165)}`])(
  'no channel: %s',
  async (name) => {
    await expect(subscribed(createClientSdk(await startEmulator()), name)).rejects.toMatchObject({
      status: 400,
    })
  },
)

test('a member with too much data, without an id, or one too many is refused', async () => {
  const emulator = await startEmulator({ limits: { members: 1 } })
  const backend = createServerSdk(emulator)
  const join = (data: object) => {
    const authorise = authorisedBy((id, channel) => backend.authorizeChannel(id, channel, data as never))
    return subscribed(createClientSdk(emulator, undefined, authorise), 'presence-todos')
  }
  await expect(join({ user_id: 'ada', user_info: 'a'.repeat(1024) })).rejects.toMatchObject({
    type: 'LimitReached',
    status: 413,
  })
  await expect(join({ user_info: 'Ada' })).rejects.toMatchObject({ type: 'AuthError' })
  await join({ user_id: 'ada', user_info: 'a'.repeat(900) })
  await join({ user_id: 'ada' })
  await expect(join({ user_id: 'bob' })).rejects.toMatchObject({ type: 'LimitReached', status: 403 })
})

test('the channel of another person is refused', async () => {
  const { send, receive } = await openConnection()
  send(JSON.stringify({ event: 'pusher:subscribe', data: { channel: '#server-to-user-ada' } }))
  expect(await receive()).toMatchObject({
    event: 'pusher:subscription_error',
    channel: '#server-to-user-ada',
  })
})

const message = (event: string, data?: unknown, channel?: string) => JSON.stringify({ event, data, channel })

test.each([
  ['no JSON', 'hello'],
  ['no object', '[1]'],
  ['nothing', ''],
  ['null', 'null'],
  ['no event', '{}'],
  ['an event that is no text', '{"event":{}}'],
  ['a subscription without data', message('pusher:subscribe')],
  ['a subscription without a channel', message('pusher:subscribe', {})],
  ['a channel that is no text', message('pusher:subscribe', { channel: [] })],
  ['leaving what was never joined', message('pusher:unsubscribe', { channel: 'todos' })],
  ['leaving nothing', message('pusher:unsubscribe')],
  ['an unknown event of the protocol', message('pusher:dance', {})],
  ['an event that is not client-', message('created', {}, 'private-todos')],
  ['a client event without a channel', message('client-created', {})],
  ['a client event on a public channel', message('client-created', {}, 'todos')],
  ['a client event on an encrypted channel', message('client-created', {}, 'private-encrypted-todos')],
  ['a client event on a channel not joined', message('client-created', {}, 'private-todos')],
  ['a client event with a long name', message(`client-${'a'.repeat(200)}`, {}, 'private-todos')],
])('%s is answered with pusher:error, and the connection goes on', async (_, frame) => {
  const { send, receive } = await openConnection()
  send(frame)
  expect(await receive()).toEqual({
    event: 'pusher:error',
    data: { code: null, message: expect.any(String) },
  })
  send(message('pusher:ping'))
  expect(await receive()).toMatchObject({ event: 'pusher:pong' })
})

test.each([
  message('pusher:signin'),
  message('pusher:signin', { auth: 1, user_data: {} }),
  message('pusher:signin', { auth: 'key:', user_data: '{"id":"ada"}' }),
])('bad credentials end with 4009: %s', async (frame) => {
  const { send, closed } = await openConnection()
  send(frame)
  expect((await closed).code).toBe(4009)
})

test('subscribing twice is an error of the second', async () => {
  const { send, receive } = await openConnection()
  send(message('pusher:subscribe', { channel: 'todos' }))
  expect(await receive()).toMatchObject({ event: 'pusher_internal:subscription_succeeded' })
  send(message('pusher:subscribe', JSON.stringify({ channel: 'todos' })))
  expect(await receive()).toMatchObject({ event: 'pusher:error' })
})

test('a client event on an encrypted channel is refused to its subscribers, too', async () => {
  const { send, receive, established } = await openConnection()
  const channel = 'private-encrypted-todos'
  const { socket_id } = JSON.parse(String(established.data))
  send(message('pusher:subscribe', { channel, auth: `key:${sign('secret', `${socket_id}:${channel}`)}` }))
  expect(await receive()).toMatchObject({ event: 'pusher_internal:subscription_succeeded' })
  send(message('client-created', {}, channel))
  expect(await receive()).toMatchObject({ event: 'pusher:error' })
})

test('a client event with too much data is refused', async () => {
  const emulator = await startEmulator()
  const client = createClientSdk(emulator)
  const channel = await subscribed(client, 'private-todos')
  const error = next(client.connection, 'error')
  channel.trigger('client-created', 'a'.repeat(10_241))
  expect(await error).toMatchObject({ type: 'PusherError' })
  channel.trigger('client-created', 'a'.repeat(10_240))
  await settled(client)
})

test('a frame that is far too large, binary or no text ends the connection, and the server goes on', async () => {
  const emulator = await startEmulator()
  const ends = async (frame: string | Buffer, options?: { binary: boolean }) => {
    const { socket, receive, closed } = openRaw(url(emulator))
    await receive()
    socket.send(frame, options ?? {})
    return (await closed).code
  }
  expect(await ends('a'.repeat(200_000))).toBe(1009)
  expect(await ends(Buffer.from([1, 2, 3]), { binary: true })).toBe(1003)
  expect(await ends(Buffer.from([0xff, 0xfe]), { binary: false })).toBe(1007)
  await connected(createClientSdk(emulator))
})

test('who does not answer a ping is closed with 4201', async () => {
  const { receive, closed } = await openConnection({ limits: { activityTimeout: 50, pongTimeout: 50 } })
  expect(await receive()).toMatchObject({ event: 'pusher:ping' })
  expect((await closed).code).toBe(4201)
})

test('who answers stays', async () => {
  const { receive, send } = await openConnection({ limits: { activityTimeout: 50, pongTimeout: 60_000 } })
  for (let pings = 0; pings < 3; pings += 1) {
    expect(await receive()).toMatchObject({ event: 'pusher:ping' })
    send(message('pusher:pong', {}))
  }
})
