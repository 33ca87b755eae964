import { describe, expect, test } from 'vitest'
import { codeOf, connected, realtime, rest, startAbly } from './ably-sdk.ts'

describe.each([
  { format: 'json', useBinaryProtocol: false },
  { format: 'msgpack', useBinaryProtocol: true },
])('REST in $format', ({ useBinaryProtocol }) => {
  test('knows the time and the state of a channel', async () => {
    const emulator = await startAbly()
    const backend = rest(emulator, { useBinaryProtocol })
    const before = Date.now()
    const time = await backend.time()
    expect(time).toBeGreaterThanOrEqual(before)
    expect(time).toBeLessThanOrEqual(Date.now())
    const empty = await backend.channels.get('room').status()
    expect(empty).toMatchObject({ channelId: 'room', status: { isActive: false } })
    await realtime(emulator, { clientId: 'ada', useBinaryProtocol }).channels.get('room').presence.enter()
    expect((await backend.channels.get('room').status()).status).toEqual({
      isActive: true,
      occupancy: {
        metrics: {
          connections: 1,
          presenceConnections: 1,
          presenceMembers: 1,
          presenceSubscribers: 1,
          publishers: 1,
          subscribers: 1,
        },
      },
    })
  })

  test('publishes to many channels at once, each with its own outcome', async () => {
    const emulator = await startAbly()
    const backend = rest(emulator, { useBinaryProtocol })
    const result = await backend.batchPublish({
      channels: ['a', 'b', ':no'],
      messages: [{ name: 'hello', data: { to: 'all' } }],
    })
    expect(result).toMatchObject({ successCount: 2, failureCount: 1 })
    expect(result.results[2]).toMatchObject({ channel: ':no', error: { code: 40010 } })
    expect((await backend.channels.get('b').history()).items[0]).toMatchObject({ data: { to: 'all' } })
  })
})

test('publishes on behalf of a connection that shows its key', async () => {
  const emulator = await startAbly()
  const client = await connected(realtime(emulator, { clientId: 'ada' }))
  const channel = rest(emulator).channels.get('todos')
  await channel.publish({ name: 'a', connectionKey: client.connection.key! } as never)
  expect((await channel.history()).items[0]).toMatchObject({
    connectionId: client.connection.id,
    clientId: 'ada',
  })
  expect(await codeOf(channel.publish({ name: 'a', connectionKey: 'no!body' } as never))).toBe(40006)
})

test('web pages may call, and get headers in an envelope', async () => {
  const emulator = await startAbly()
  const base = `http://${emulator.host}:${emulator.port}`
  const preflight = await fetch(`${base}/channels/a/messages`, { method: 'OPTIONS' })
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*'])
  const authorization = `Basic ${btoa(emulator.key)}`
  const call = async (path: string) => {
    const response = await fetch(`${base}${path}`, { headers: { authorization } })
    return { status: response.status, body: await response.json() }
  }
  expect(await call('/channels/a/messages?envelope=json')).toEqual({
    status: 200,
    body: { statusCode: 200, response: [], headers: { link: expect.stringContaining('rel="first"') } },
  })
  expect(await call('/channels/a/messages?envelope=json&limit=0')).toMatchObject({
    status: 200,
    body: { statusCode: 400, response: { error: { code: 40003 } } },
  })
})

test('plain requests end in a documented error', async () => {
  const emulator = await startAbly({ limits: { maxMessageSize: 1000 } })
  const base = `http://${emulator.host}:${emulator.port}`
  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${base}${path}`, {
      ...init,
      headers: { authorization: `Basic ${btoa(emulator.key)}`, ...(init.headers as object) },
    })
    const { error } = (await response.json()) as { error?: { code: number; statusCode: number } }
    expect([error?.statusCode, response.headers.get('x-ably-errorcode')]).toEqual([
      response.status,
      String(error?.code),
    ])
    return error?.code
  }
  const post = (body: string, type = 'application/json') =>
    call('/channels/a/messages', { method: 'POST', body, headers: { 'content-type': type } })
  expect(await call('/channels/a/messages', { headers: { authorization: '' } })).toBe(40101)
  expect(await call('/channels/a/messages', { headers: { authorization: 'Basic bm8=' } })).toBe(40005)
  expect(await call('/channels/a/messages', { headers: { authorization: 'Bearer bm8=' } })).toBe(40145)
  expect(await post('{')).toBe(40001)
  expect(await post('\xc1', 'application/x-msgpack')).toBe(40001)
  expect(await post('[]')).toBe(40001)
  expect(await post('[null]')).toBe(40001)
  expect(await post('{"name":7}')).toBe(40016)
  expect(await post('{"data":7}')).toBe(40013)
  expect(await post('{"extras":[]}')).toBe(40032)
  expect(await post(JSON.stringify({ data: 'x'.repeat(2000) }))).toBe(40009)
  expect(await post(JSON.stringify({ data: 'x'.repeat(3 * 1024 * 1024) }))).toBe(40009)
  expect(await call('/channels/%5Bmeta%5Dlog/messages')).toBe(40010)
  expect(await call('/channels/%E0%A4/messages')).toBe(40000)
  expect(await call('/channels/a/nothing')).toBe(40400)
  expect(await call('/stats')).toBe(40400)
  expect(await call('/keys/emulator.key/requestToken', { method: 'POST', body: '[]' })).toBe(40001)
  expect(await post('{"data":{"any":"json"}}').catch(() => 'no error')).toBe('no error')
})
