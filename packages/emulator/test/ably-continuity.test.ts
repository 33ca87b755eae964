import { expect, test } from 'vitest'
import {
  changesTo,
  collect,
  collectPresence,
  connected,
  cutOff,
  manual,
  next,
  realtime,
  rest,
  startAbly,
} from './ably-sdk.ts'
import { openRaw } from './raw-socket.ts'
import { stopClock } from './stop-clock.ts'

test('a dropped connection resumes with what it missed, and the same id', async () => {
  const emulator = await startAbly()
  const client = await connected(realtime(emulator, manual))
  const { id } = client.connection
  const channel = client.channels.get('todos')
  const received = await collect(channel)
  const backend = rest(emulator).channels.get('todos')
  await backend.publish('one', null)
  await received.until(1)
  await cutOff(emulator, client)
  expect((await backend.status()).status.isActive).toBe(false)
  await backend.publish('two', null)
  const back = next(channel, 'attached')
  client.connect()
  expect(await back).toMatchObject({ resumed: true, hasBacklog: true })
  expect(client.connection.id).toBe(id)
  await backend.publish('three', null)
  expect((await received.until(3)).map(({ name }) => name)).toEqual(['one', 'two', 'three'])
})

test('a publish that is sent again after a resume is taken once, and answered the same', async () => {
  const emulator = await startAbly()
  const url = `ws://${emulator.host}:${emulator.port}/?v=6&key=${emulator.key}`
  const publish = JSON.stringify({ action: 15, channel: 'todos', msgSerial: 0, messages: [{ name: 'once' }] })
  const first = openRaw(url)
  const { connectionDetails } = await first.receive()
  first.send(publish)
  const ack = await first.receive()
  expect(ack).toMatchObject({ action: 1, msgSerial: 0, count: 1, res: [{ serials: [expect.any(String)] }] })
  emulator.faults.drop()
  const { connectionKey } = connectionDetails as { connectionKey: string }
  const second = openRaw(`${url}&resume=${encodeURIComponent(connectionKey)}`)
  expect(await second.receive()).not.toHaveProperty('error')
  second.send(publish)
  expect(await second.receive()).toEqual(ack)
  expect((await rest(emulator).channels.get('todos').history()).items).toHaveLength(1)
})

test('another client recovers with the key, where the first one stopped', async () => {
  const emulator = await startAbly()
  const first = await connected(realtime(emulator, manual))
  const received = await collect(first.channels.get('todos'))
  const backend = rest(emulator).channels.get('todos')
  await backend.publish('one', null)
  await received.until(1)
  const { id } = first.connection
  const recover = (await first.connection.createRecoveryKey())!
  await cutOff(emulator, first)
  await backend.publish('two', null)
  const second = await connected(realtime(emulator, { recover }))
  expect(second.connection.id).toBe(id)
  const channel = second.channels.get('todos')
  const attached = next(channel, 'attached')
  const rest2 = await collect(channel)
  expect((await attached).resumed).toBe(true)
  expect((await rest2.until(1)).map(({ name }) => name)).toEqual(['two'])
})

test('after the window the connection is another one, and says 80008', async () => {
  const clock = stopClock()
  const window = 120_000
  // The grace is far longer than the window: she leaves because her connection is over.
  const emulator = await startAbly({ limits: { presenceGrace: 10 * window } })
  const members = await collectPresence(realtime(emulator).channels.get('todos'))
  const client = await connected(realtime(emulator, { ...manual, clientId: 'ada' }))
  const { id } = client.connection
  const channel = client.channels.get('todos')
  await channel.presence.enter()
  await cutOff(emulator, client)
  clock.pass(window)
  expect((await members.until(2)).at(-1)).toMatchObject({ action: 'leave', clientId: 'ada' })
  const back = next(channel, 'attached')
  const connectedAgain = changesTo(client, 'connected')
  client.connect()
  expect((await connectedAgain).reason?.code).toBe(80008)
  expect(client.connection.id).not.toBe(id)
  expect(await back).toMatchObject({ resumed: false, reason: { code: 90003 } })
})

test('a recovery key of nobody is refused and the client goes on', async () => {
  const emulator = await startAbly()
  const recover = (connectionKey: string) =>
    JSON.stringify({ connectionKey, msgSerial: 3, channelSerials: { todos: '1-2@3' } })
  const malformed = realtime(emulator, { recover: recover('nonsense') })
  expect((await changesTo(malformed, 'connected')).reason?.code).toBe(80018)
  const unknown = realtime(emulator, { recover: recover('abc!def') })
  expect((await changesTo(unknown, 'connected')).reason?.code).toBe(80008)
  const attached = next(unknown.channels.get('todos'), 'attached')
  await unknown.channels.get('todos').attach()
  expect(await attached).toMatchObject({ resumed: false, reason: { code: 90005 } })
  await unknown.channels.get('todos').publish('still works', null)
})

test('a connection is resumed by its own client only', async () => {
  const emulator = await startAbly()
  const ada = await connected(realtime(emulator, { clientId: 'ada' }))
  const recover = (await ada.connection.createRecoveryKey())!
  const eve = realtime(emulator, { clientId: 'eve', recover })
  expect((await changesTo(eve, 'connected')).reason?.code).toBe(80011)
  expect(eve.connection.id).not.toBe(ada.connection.id)
})

test.each([90003, 90004, 90005] as const)('continuity can be lost with %i', async (reason) => {
  const emulator = await startAbly()
  const client = await connected(realtime(emulator, manual))
  const channel = client.channels.get('todos')
  const received = await collect(channel)
  const backend = rest(emulator).channels.get('todos')
  await backend.publish('one', null)
  await received.until(1)
  await cutOff(emulator, client)
  await backend.publish('lost', null)
  emulator.faults.loseContinuity(reason)
  const back = next(channel, 'attached')
  client.connect()
  expect(await back).toMatchObject({ resumed: false, reason: { code: reason } })
  expect(client.connection.errorReason?.code).toBe(80008)
  await backend.publish('two', null)
  expect((await received.until(2)).map(({ name }) => name)).toEqual(['one', 'two'])
})

test('what no longer fits is 90004', async () => {
  const emulator = await startAbly({ limits: { retainedMessages: 1 } })
  const client = await connected(realtime(emulator, manual))
  const channel = client.channels.get('todos')
  const received = await collect(channel)
  await cutOff(emulator, client)
  for (const name of ['a', 'b', 'c']) await rest(emulator).channels.get('todos').publish(name, null)
  const back = next(channel, 'attached')
  client.connect()
  expect(await back).toMatchObject({ resumed: false, reason: { code: 90004 } })
  expect(received.items).toEqual([])
})

test('of what is too old 90003 tells, and what is kept follows', async () => {
  const clock = stopClock()
  const retention = 60_000
  const emulator = await startAbly({ limits: { retention } })
  const client = await connected(realtime(emulator, manual))
  const channel = client.channels.get('todos')
  const received = await collect(channel)
  const backend = rest(emulator).channels.get('todos')
  await cutOff(emulator, client)
  await backend.publish('expires', null)
  clock.pass(retention)
  await backend.publish('kept', null)
  const back = next(channel, 'attached')
  client.connect()
  expect(await back).toMatchObject({ resumed: false, reason: { code: 90003 } })
  expect((await received.until(1)).map(({ name }) => name)).toEqual(['kept'])
})
