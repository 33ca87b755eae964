import { describe, expect, test } from 'vitest'
import { codeOf, collect, connected, next, realtime, rest, startAbly } from './ably-sdk.ts'
import { stopClock } from './stop-clock.ts'

describe.each([
  { format: 'json', useBinaryProtocol: false },
  { format: 'msgpack', useBinaryProtocol: true },
])('messages in $format', ({ useBinaryProtocol }) => {
  test('reach all subscribers, the sender too, with every kind of data', async () => {
    const emulator = await startAbly()
    const sender = realtime(emulator, { useBinaryProtocol, clientId: 'ada' })
    // Whatever goes in comes out the same in the other format.
    const reader = realtime(emulator, { useBinaryProtocol: !useBinaryProtocol })
    const [own, others] = await Promise.all([
      collect(sender.channels.get('todos')),
      collect(reader.channels.get('todos')),
    ])
    const channel = sender.channels.get('todos')
    await channel.publish('text', 'plain ✓')
    await channel.publish('object', { deep: [1, 2, { three: true }] })
    await channel.publish('bytes', Buffer.from([0, 1, 254, 255]))
    await channel.publish('nothing', null)
    for (const messages of [await own.until(4), await others.until(4)]) {
      expect(messages.map(({ name }) => name)).toEqual(['text', 'object', 'bytes', 'nothing'])
      expect(messages[0]).toMatchObject({
        data: 'plain ✓',
        clientId: 'ada',
        connectionId: sender.connection.id,
      })
      expect(messages[1]?.data).toEqual({ deep: [1, 2, { three: true }] })
      expect([...messages[2]!.data]).toEqual([0, 1, 254, 255])
      expect(messages[3]?.data ?? null).toBeNull()
      expect(messages.every(({ timestamp }) => Math.abs(timestamp! - Date.now()) < 60_000)).toBe(true)
    }
    expect(own.items.map(({ id, serial }) => [id, serial])).toEqual(
      others.items.map(({ id, serial }) => [id, serial]),
    )
  })

  test('are acknowledged with their serials, in order', async () => {
    const emulator = await startAbly()
    const channel = realtime(emulator, { useBinaryProtocol }).channels.get('todos')
    const received = await collect(channel)
    const one = await channel.publish('one', '1')
    const batch = await channel.publish([{ name: 'two' }, { name: 'three' }])
    const serials = [...one.serials, ...batch.serials]
    expect((await received.until(3)).map(({ serial }) => serial)).toEqual(serials)
    expect([...serials].sort()).toEqual(serials)
    expect(new Set(serials).size).toBe(3)
  })

  test('over REST arrive, and carry flat headers', async () => {
    const emulator = await startAbly()
    const received = await collect(realtime(emulator, { useBinaryProtocol }).channels.get('todos'))
    const { serials } = await rest(emulator, { useBinaryProtocol })
      .channels.get('todos')
      .publish({ name: 'done', data: { id: 7 }, extras: { headers: { seq: 42, epoch: 'e1' } } })
    const [message] = await received.until(1)
    expect(message).toMatchObject({ name: 'done', data: { id: 7 }, serial: serials[0] })
    expect(message?.extras).toEqual({ headers: { seq: 42, epoch: 'e1' } })
    expect(message?.connectionId).toBeFalsy()
  })

  test('with an id of their own are taken once', async () => {
    const emulator = await startAbly()
    const client = realtime(emulator, { useBinaryProtocol })
    const received = await collect(client.channels.get('todos'))
    const backend = rest(emulator, { useBinaryProtocol }).channels.get('todos')
    const first = await backend.publish({ id: 'write-1', name: 'a' })
    expect(await backend.publish({ id: 'write-1', name: 'a' })).toEqual(first)
    const pair = [
      { id: 'write-2:0', name: 'b' },
      { id: 'write-2:1', name: 'c' },
    ]
    const batch = await client.channels.get('todos').publish(pair)
    expect(await backend.publish(pair)).toEqual(batch)
    await backend.publish('end', null)
    expect((await received.until(4)).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'end'])
  })
})

test('echo can be turned off', async () => {
  const emulator = await startAbly()
  const client = realtime(emulator, { echoMessages: false })
  const received = await collect(client.channels.get('todos'))
  await client.channels.get('todos').publish('own', null)
  await rest(emulator).channels.get('todos').publish('other', null)
  expect((await received.until(1)).map(({ name }) => name)).toEqual(['other'])
})

test('what may not be published is refused with its code, on both ways', async () => {
  const emulator = await startAbly({ limits: { maxMessageSize: 1000 } })
  const client = await connected(realtime(emulator, { clientId: 'ada' }))
  // The SDK would refuse what the emulator tells it is too large.
  Object.assign((client as unknown as { options: object }).options, { maxMessageSize: 1_000_000 })
  const backend = rest(emulator, { clientId: 'ada', maxMessageSize: 1_000_000 })
  for (const channel of [client.channels.get('todos'), backend.channels.get('todos')]) {
    const publish = (message: object) => codeOf(channel.publish(message as never))
    expect(await publish({ name: 'a', extras: { seq: 1 } })).toBe(40032)
    expect(await publish({ name: 'a', extras: { headers: { deep: { er: 1 } } } })).toBe(40032)
    expect(await publish({ name: 'a', clientId: 'bob' })).toBe(40012)
    expect(await publish({ name: 'a', data: 'x'.repeat(1001) })).toBe(40009)
    expect(await publish([{ id: 'x:0' }, { id: 'y:1' }])).toBe(40031)
    expect(await publish({ name: 'a', clientId: 'ada' })).toBe('no error')
  }
})

test('an anonymous client names nobody, a wildcard anybody', async () => {
  const emulator = await startAbly()
  const backend = rest(emulator)
  const anonymous = realtime(emulator, { tokenDetails: await backend.auth.requestToken() })
  expect(await codeOf(anonymous.channels.get('todos').publish({ name: 'a', clientId: 'bob' }))).toBe(40012)
  const anybody = realtime(emulator, { tokenDetails: await backend.auth.requestToken({ clientId: '*' }) })
  const received = await collect(anybody.channels.get('todos'))
  await anybody.channels.get('todos').publish({ name: 'a', clientId: 'bob' })
  expect((await received.until(1))[0]?.clientId).toBe('bob')
})

test('rates are held for each connection and each channel', async () => {
  stopClock()
  const emulator = await startAbly({ limits: { connectionRate: 3 } })
  const channel = realtime(emulator).channels.get('todos')
  const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(channel.publish('a', null))))
  expect(codes.slice(0, 3)).toEqual(['no error', 'no error', 'no error'])
  expect(codes.at(-1)).toBe(42911)
  const strict = await startAbly({ limits: { channelRate: 2 } })
  const backend = rest(strict)
  const busy = Array.from({ length: 5 }, () => codeOf(backend.channels.get('busy').publish('a', null)))
  expect((await Promise.all(busy)).filter((code) => code === 42913).length).toBeGreaterThanOrEqual(2)
  expect(await codeOf(backend.channels.get('calm').publish('a', null))).toBe('no error')
})

test('fifty messages a second are for a connection and for a channel, unless it is told otherwise', async () => {
  stopClock()
  const emulator = await startAbly()
  const messages = (count: number) => Array.from({ length: count }, () => ({ name: 'a' }))
  const { channels } = await connected(realtime(emulator))
  expect(await codeOf(channels.get('one').publish(messages(49)))).toBe('no error')
  expect(await codeOf(channels.get('two').publish(messages(1)))).toBe('no error')
  expect(await codeOf(channels.get('three').publish(messages(1)))).toBe(42911)
  const backend = rest(emulator).channels
  expect(await codeOf(backend.get('one').publish(messages(1)))).toBe('no error')
  expect(await codeOf(backend.get('one').publish(messages(1)))).toBe(42913)
  expect(await codeOf(backend.get('two').publish(messages(49)))).toBe('no error')
})

test('modes and capability decide what an attachment is for', async () => {
  const emulator = await startAbly()
  const client = realtime(emulator)
  const quiet = client.channels.get('todos', { modes: ['PUBLISH'] })
  await quiet.attach()
  expect(quiet.modes).toEqual(['publish'])
  const all = client.channels.get('board')
  await all.attach()
  expect(all.modes).toEqual(['presence', 'publish', 'subscribe', 'presence_subscribe'])
  const reader = client.channels.get('news', { modes: ['SUBSCRIBE'] })
  await reader.attach()
  expect(await codeOf(reader.publish('a', null))).toBe(40160)
  const tokenDetails = await rest(emulator).auth.requestToken({ capability: { 'todos:*': ['subscribe'] } })
  const limited = realtime(emulator, { tokenDetails })
  const granted = limited.channels.get('todos:1')
  await granted.attach()
  expect(granted.modes).toEqual(['subscribe', 'presence_subscribe'])
  expect(await codeOf(granted.publish('a', null))).toBe(40160)
  expect(await codeOf(limited.channels.get('other').attach())).toBe(40160)
  expect(limited.channels.get('other').state).toBe('failed')
})

test('options can change in place, and a detached channel is silent', async () => {
  const emulator = await startAbly()
  const channel = realtime(emulator).channels.get('todos')
  const received = await collect(channel)
  await channel.setOptions({ modes: ['SUBSCRIBE'] })
  expect(channel.modes).toEqual(['subscribe'])
  const backend = rest(emulator).channels.get('todos')
  await backend.publish('one', null)
  await received.until(1)
  await channel.detach()
  await backend.publish('two', null)
  await channel.attach()
  await backend.publish('three', null)
  expect((await received.until(2)).map(({ name }) => name)).toEqual(['one', 'three'])
})

test('rewind brings a number of messages or those of a time', async () => {
  const emulator = await startAbly()
  const backend = rest(emulator).channels.get('todos')
  for (const name of ['a', 'b', 'c']) await backend.publish(name, null)
  const client = realtime(emulator)
  const two = client.channels.get('todos', { params: { rewind: '2' } })
  const attached = next(two, 'attached')
  const last = await collect(two)
  expect((await last.until(2)).map(({ name }) => name)).toEqual(['b', 'c'])
  expect(await attached).toMatchObject({ resumed: false, hasBacklog: true })
  const untouched = await two.history({ untilAttach: true })
  expect(untouched.items.map(({ name }) => name)).toEqual(['a'])
  const recent = await collect(realtime(emulator).channels.get('todos', { params: { rewind: '1m' } }))
  expect((await recent.until(3)).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  const wrong = client.channels.get('other', { params: { rewind: 'lots' } })
  expect(await codeOf(wrong.attach())).toBe(40003)
})
