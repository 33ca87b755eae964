import { expect, test } from 'vitest'
import { changesTo, connected, realtime, startAbly } from './ably-sdk.ts'
import { openRaw } from './raw-socket.ts'

const open = async (query = '') => {
  const emulator = await startAbly()
  return { emulator, raw: openRaw(`ws://${emulator.host}:${emulator.port}/?v=6${query}`) }
}

const openConnected = async () => {
  const { emulator, raw } = await open('&key=emulator.key:secret')
  expect(await raw.receive()).toMatchObject({ action: 4 })
  return { emulator, raw }
}

test.each([
  ['nothing', '', 40101],
  ['a malformed key', '&key=nonsense', 40005],
  ['a malformed token', '&access_token=nonsense', 40145],
  ['a malformed JWT', '&access_token=a.b.c', 40144],
  ['an empty client id', '&key=emulator.key:secret&clientId=', 40012],
  ['a wildcard as client id', '&key=emulator.key:secret&clientId=*', 40012],
])('connecting with %s is refused with %s', async (_, query, code) => {
  const { raw } = await open(query)
  expect(await raw.receive()).toMatchObject({ action: 9, error: { code } })
  expect((await raw.closed).code).toBe(1000)
})

test('a version that is not spoken is refused', async () => {
  const emulator = await startAbly()
  const raw = openRaw(`ws://${emulator.host}:${emulator.port}/?v=1&key=${emulator.key}`)
  expect(await raw.receive()).toMatchObject({ action: 9, error: { code: 40017 } })
})

test.each([
  ['no JSON', '{', 80013],
  ['no object', '7', 80013],
  ['no action', '{}', 80013],
  ['an unknown action', '{"action":99}', 80013],
  ['a publish without serial', '{"action":15,"channel":"a","messages":[{}]}', 80013],
  ['bytes instead of text', Buffer.from([0xc1, 0x00]), 80013],
  ['a token that does not count', '{"action":17,"auth":{"accessToken":"x"}}', 40145],
  ['no token', '{"action":17}', 40101],
])('a frame with %s fails the connection', async (_, frame, code) => {
  const { raw } = await openConnected()
  raw.send(frame)
  expect(await raw.receive()).toMatchObject({ action: 9, error: { code } })
  await raw.closed
})

test('what is wrong with a publish or a channel is answered there, and the connection goes on', async () => {
  const { raw } = await openConnected()
  const ask = (frame: object) => {
    raw.send(JSON.stringify(frame))
    return raw.receive()
  }
  const nack = (code: number) => ({ action: 2, msgSerial: expect.any(Number), count: 1, error: { code } })
  expect(await ask({ action: 15, msgSerial: 0, messages: [{}] })).toMatchObject(nack(40010))
  expect(await ask({ action: 15, msgSerial: 1, channel: '', messages: [{}] })).toMatchObject(nack(40010))
  expect(await ask({ action: 15, msgSerial: 2, channel: 'a' })).toMatchObject(nack(40001))
  expect(await ask({ action: 15, msgSerial: 3, channel: 'a', messages: [] })).toMatchObject(nack(40001))
  expect(await ask({ action: 15, msgSerial: 4, channel: 'a', messages: [{ data: 1 }] })).toMatchObject(
    nack(40013),
  )
  expect(await ask({ action: 14, msgSerial: 5, channel: 'a', presence: [{ action: 2 }] })).toMatchObject(
    nack(91001),
  )
  expect(await ask({ action: 19, msgSerial: 6, channel: 'a', state: [] })).toMatchObject(nack(80013))
  const big = { data: 'x'.repeat(65_537) }
  expect(await ask({ action: 15, msgSerial: 7, channel: 'a', messages: [big] })).toMatchObject(nack(40009))
  expect(await ask({ action: 15, msgSerial: 8, channel: 'a', messages: [{ action: 1 }] })).toMatchObject(
    nack(40000),
  )
  const failure = (channel: string, code: number) => ({ action: 9, channel, error: { code } })
  expect(await ask({ action: 10, channel: ':a' })).toMatchObject(failure(':a', 40010))
  expect(await ask({ action: 10, channel: '[meta]a' })).toMatchObject(failure('[meta]a', 40010))
  expect(await ask({ action: 10, channel: 'a', params: { modes: 'fly' } })).toMatchObject(failure('a', 40003))
  expect(await ask({ action: 16, channel: 'a' })).toMatchObject(failure('a', 90001))
  expect(await ask({ action: 11, channel: 'a' })).toMatchObject({ action: 9 })
})

test('a connection attaches to so many channels only', async () => {
  const emulator = await startAbly({ limits: { channelsPerConnection: 1 } })
  const client = realtime(emulator)
  await client.channels.get('a').attach()
  await expect(client.channels.get('b').attach()).rejects.toMatchObject({ code: 90010 })
  await client.channels.get('a').detach()
  await client.channels.get('b').attach()
})

test('a frame that is too large to be read fails the connection when it comes back', async () => {
  const emulator = await startAbly()
  const client = await connected(realtime(emulator, { clientId: 'ada' }))
  const failed = changesTo(client, 'failed')
  // The SDK does not look at the size of presence data.
  client.channels
    .get('room')
    .presence.enter('x'.repeat(2 * 1024 * 1024))
    .catch(() => undefined)
  expect((await failed).reason?.code).toBe(40009)
})
