import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { PusherEmulator } from '../src/index.ts'
import { sign } from '../src/pusher/signature.ts'
import { createClientSdk, createServerSdk, settled, startEmulator, subscribed } from './pusher-sdks.ts'

/** The status that a call of the server SDK is refused with. */
const refusal = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    await call
    return 'accepted'
  } catch (error) {
    return (error as { status?: number }).status ?? error
  }
}

const base = { auth_key: 'key', auth_version: '1.0' }
const now = () => String(Math.floor(Date.now() / 1000))

/** A request that is signed by hand, with changes that no SDK makes. */
const request = async (
  { port }: PusherEmulator,
  method: string,
  path: string,
  {
    body = '',
    query = {},
    signature,
  }: { body?: string; query?: Record<string, string>; signature?: string } = {},
) => {
  const bodyMd5 = createHash('md5').update(body).digest('hex')
  const params = { ...base, auth_timestamp: now(), ...(body && { body_md5: bodyMd5 }), ...query }
  const sorted = Object.entries(params)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join('&')
  const auth = signature ?? sign('secret', `${method}\n${path}\n${sorted}`)
  return fetch(`http://127.0.0.1:${port}${path}?${sorted}&auth_signature=${auth}`, {
    method,
    ...(body && { body }),
  })
}

test('channels, one channel and its users can be asked for', async () => {
  const emulator = await startEmulator()
  const server = createServerSdk(emulator)
  for (const id of ['ada', 'ada', 'bob'])
    await subscribed(createClientSdk(emulator, { id }), 'presence-board')
  await subscribed(createClientSdk(emulator), 'cache-todos')
  await server.trigger('cache-todos', 'n', 7)
  const get = async (path: string, params = {}) => (await server.get({ path, params })).json()

  expect(await get('/channels')).toEqual({ channels: { 'presence-board': {}, 'cache-todos': {} } })
  expect(await get('/channels', { filter_by_prefix: 'presence-', info: 'user_count' })).toEqual({
    channels: { 'presence-board': { user_count: 2 } },
  })
  expect(await get('/channels/presence-board', { info: 'user_count,subscription_count' })).toEqual({
    occupied: true,
    user_count: 2,
    subscription_count: 3,
  })
  expect(await get('/channels/nobody')).toEqual({ occupied: false })
  expect(await get('/channels/cache-todos', { info: 'cache' })).toEqual({
    occupied: true,
    cache: { data: '7', ttl: expect.toSatisfy((ttl: number) => ttl > 1_700 && ttl <= 1_800) },
  })
  expect(await get('/channels/presence-board/users')).toEqual({ users: [{ id: 'ada' }, { id: 'bob' }] })
})

test('a trigger answers with what info asks for', async () => {
  const emulator = await startEmulator()
  const server = createServerSdk(emulator)
  await subscribed(createClientSdk(emulator), 'presence-board')
  const info = 'user_count,subscription_count'
  const counted = { user_count: 1, subscription_count: 1 }
  const one = await server.trigger('presence-board', 'n', 1, { info })
  expect(await one.json()).toEqual({ channels: { 'presence-board': counted } })
  const batch = await server.triggerBatch([
    { channel: 'presence-board', name: 'n', data: 1, info },
    { channel: 'todos', name: 'n', data: 1 },
  ])
  expect(await batch.json()).toEqual({ batch: [counted, {}] })
  expect(await (await server.trigger('todos', 'n', 1)).json()).toEqual({})
})

test('100 channels and 10 kB pass, one more does not', async () => {
  const emulator = await startEmulator()
  const server = createServerSdk(emulator)
  const channels = Array.from({ length: 100 }, (_, index) => `todos-${index}`)
  expect(await refusal(server.trigger(channels, 'n', 'a'.repeat(10_240)))).toBe('accepted')
  expect(await refusal(server.trigger('todos', 'n', 'a'.repeat(10_241)))).toBe(413)
  expect(await refusal(server.trigger('todos', 'n', 'ö'.repeat(5_121)))).toBe(413)
  const body = JSON.stringify({ name: 'n', data: '', channels: [...channels, 'todos'] })
  expect((await request(emulator, 'POST', '/apps/app/events', { body })).status).toBe(400)
})

test('ten events a batch, each of 10 kB; none goes out if one is wrong', async () => {
  const emulator = await startEmulator()
  const server = createServerSdk(emulator)
  const client = createClientSdk(emulator)
  const heard: unknown[] = []
  const channel = await subscribed(client, 'todos')
  channel.bind('n', (data: unknown) => heard.push(data))
  const events = (count: number, data: unknown) =>
    Array.from({ length: count }, () => ({ channel: 'todos', name: 'n', data }))
  expect(await refusal(server.triggerBatch(events(11, 1)))).toBe(400)
  expect(await refusal(server.triggerBatch([...events(2, 1), ...events(1, 'a'.repeat(10_241))]))).toBe(413)
  await settled(client)
  expect(heard).toEqual([])
  expect(await refusal(server.triggerBatch(events(10, '"'.repeat(10_240))))).toBe('accepted')
  await settled(client)
  expect(heard).toHaveLength(10)
})

test.each([
  ['secret', { secret: 'guessed' }, 401],
  ['key', { key: 'other' }, 401],
  ['app', { appId: 'other' }, 404],
])('the wrong %s is refused', async (_, changes, status) => {
  const emulator = await startEmulator()
  expect(await refusal(createServerSdk(emulator, changes).trigger('todos', 'n', 1))).toBe(status)
})

const event = JSON.stringify({ name: 'n', data: '1', channels: ['todos'] })

test.each([
  ['no signature', { signature: '' }],
  ['a signature that is too short', { signature: 'abc' }],
  ['a timestamp from 601 s ago', { query: { auth_timestamp: String(Number(now()) - 601) } }],
  ['a timestamp 700 s ahead', { query: { auth_timestamp: String(Number(now()) + 700) } }],
  ['a timestamp that is none', { query: { auth_timestamp: 'now' } }],
  ['another version', { query: { auth_version: '2.0' } }],
  ['another key', { query: { auth_key: 'other' } }],
  ['the digest of another body', { query: { body_md5: 'd41d8cd98f00b204e9800998ecf8427e' } }],
])('%s is refused with 401', async (_, changes) => {
  const emulator = await startEmulator()
  expect((await request(emulator, 'POST', '/apps/app/events', { body: event })).status).toBe(200)
  expect((await request(emulator, 'POST', '/apps/app/events', { body: event, ...changes })).status).toBe(401)
})

test.each([
  ['no JSON', 'hello'],
  ['no object', '[]'],
  ['no name', '{"data":"1","channel":"todos"}'],
  ['a long name', JSON.stringify({ name: 'n'.repeat(201), data: '1', channel: 'todos' })],
  ['a reserved name', '{"name":"pusher:error","data":"1","channel":"todos"}'],
  ['data that is no text', '{"name":"n","data":{},"channel":"todos"}'],
  ['no channel', '{"name":"n","data":"1"}'],
  ['no channels', '{"name":"n","data":"1","channels":[]}'],
  ['a bad channel', '{"name":"n","data":"1","channel":"board/42"}'],
  ['a channel that is no text', '{"name":"n","data":"1","channels":[{}]}'],
  ['a bad socket', '{"name":"n","data":"1","channel":"todos","socket_id":"abc"}'],
  ['info for another kind of channel', '{"name":"n","data":"1","channel":"todos","info":"user_count"}'],
])('%s is refused with 400', async (_, body) => {
  expect((await request(await startEmulator(), 'POST', '/apps/app/events', { body })).status).toBe(400)
})

test.each([
  ['POST', '/apps/app/batch_events', 400, '{}'],
  ['POST', '/apps/app/batch_events', 400, '{"batch":[1]}'],
  ['GET', '/apps/app/channels?info=user_count', 400],
  ['GET', '/apps/app/channels/todos/users', 400],
  ['GET', '/apps/app/channels/a%2Fb', 400],
  ['GET', '/apps/app/events', 404],
  ['DELETE', '/apps/app/channels', 404],
  ['GET', '/apps/app/nothing', 404],
  ['GET', '/nothing', 404],
  ['POST', '/apps/app/users/nobody/terminate_connections', 200],
])('%s %s: %i', async (method, target, status, body = '') => {
  const [path = '', search = ''] = target.split('?')
  const query = Object.fromEntries(new URLSearchParams(search))
  expect((await request(await startEmulator(), method, path, { body, query })).status).toBe(status)
})

test('a body that is far too large is refused with 413, and one that never ends holds up nobody', async () => {
  const emulator = await startEmulator()
  const { status } = await request(emulator, 'POST', '/apps/app/events', { body: 'a'.repeat(600_000) })
  expect(status).toBe(413)
  const aborted = new AbortController()
  const endless = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(10)) })
  const hanging = fetch(`http://127.0.0.1:${emulator.port}/apps/app/events`, {
    method: 'POST',
    body: endless,
    duplex: 'half',
    signal: aborted.signal,
  } as RequestInit)
  expect(await refusal(createServerSdk(emulator).trigger('todos', 'n', 1))).toBe('accepted')
  aborted.abort()
  await expect(hanging).rejects.toThrow()
  expect(await refusal(createServerSdk(emulator).trigger('todos', 'n', 1))).toBe('accepted')
})
