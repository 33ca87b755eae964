import type * as Ably from 'ably'
import { expect, test } from 'vitest'
import { changesTo, codeOf, collect, connected, realtime, rest, startAbly } from './ably-sdk.ts'
import { openRaw } from './raw-socket.ts'
import { stopClock } from './stop-clock.ts'

test('a ping is echoed, later with a delay, never in silence', async () => {
  const emulator = await startAbly()
  const client = await connected(realtime(emulator))
  await client.connection.ping()
  emulator.faults.delay(60)
  expect(await client.connection.ping()).toBeGreaterThanOrEqual(100)
  emulator.faults.delay(0)
  const impatient = await connected(realtime(emulator, { realtimeRequestTimeout: 1000 }))
  emulator.faults.silence(impatient.connection.id)
  await expect(impatient.connection.ping()).rejects.toThrow('Timeout')
})

test('a silent connection is noticed by the SDK after its idle time, and resumed', async () => {
  const emulator = await startAbly({ limits: { maxIdleInterval: 100 } })
  // Impatient as it is, it may give up before it is cut off, too, on a machine that is busy; then it tries again.
  const client = realtime(emulator, {
    realtimeRequestTimeout: 3_000,
    channelRetryTimeout: 50,
  } as Ably.ClientOptions)
  const channel = client.channels.get('todos')
  const unheard = new Promise<Ably.Message>((resolve) => {
    channel.subscribe(resolve).catch(() => undefined)
  })
  await channel.whenState('attached')
  await connected(client)
  const { id } = client.connection
  const gone = changesTo(client, 'disconnected')
  emulator.faults.silence(id)
  await rest(emulator).channels.get('todos').publish('unheard', null)
  await gone
  expect((await unheard).name).toBe('unheard')
  expect(client.connection.id).toBe(id)
})

test('something is sent often enough for a connection to stay', async () => {
  const clock = stopClock()
  const maxIdleInterval = 15_000
  const emulator = await startAbly({ limits: { maxIdleInterval } })
  const raw = openRaw(`ws://${emulator.host}:${emulator.port}/?v=6&key=${emulator.key}`)
  expect(await raw.receive()).toMatchObject({ action: 4, connectionDetails: { maxIdleInterval } })
  for (let beats = 0; beats < 3; beats++) {
    clock.pass(maxIdleInterval)
    expect(await raw.receive()).toEqual({ action: 0 })
  }
})

test('messages can be lost after their ACK, for all or for one', async () => {
  const emulator = await startAbly()
  const [ada, bob] = await Promise.all([connected(realtime(emulator)), connected(realtime(emulator))])
  const [adas, bobs] = await Promise.all([
    collect(ada.channels.get('todos')),
    collect(bob.channels.get('todos')),
  ])
  const backend = rest(emulator).channels.get('todos')
  emulator.faults.lose(2)
  for (const name of ['a', 'b', 'c']) await backend.publish(name, null)
  emulator.faults.lose(1, ada.connection.id!)
  for (const name of ['d', 'e']) await backend.publish(name, null)
  expect((await adas.until(2)).map(({ name }) => name)).toEqual(['c', 'e'])
  expect((await bobs.until(3)).map(({ name }) => name)).toEqual(['c', 'd', 'e'])
  expect((await backend.history()).items.map(({ name }) => name)).toEqual(['e', 'd', 'c'])
})

test('tokens expire when they are told to, connections and REST alike', async () => {
  const emulator = await startAbly()
  const { auth } = rest(emulator)
  const tokens: string[] = []
  const client = realtime(emulator, {
    authCallback: (_, callback) =>
      void auth.requestToken({ clientId: 'ada' }).then((details) => {
        tokens.push(details.token)
        callback(null, details)
      }),
  })
  await connected(client)
  // Not through the SDK: 2.28 repeats a REST call for ever with the token that was refused.
  const statusWith = async (token: string) => {
    const url = `http://${emulator.host}:${emulator.port}/channels/todos/messages`
    return (await fetch(url, { headers: { authorization: `Bearer ${btoa(token)}` } })).status
  }
  expect(await statusWith(tokens[0]!)).toBe(200)
  const gone = changesTo(client, 'disconnected')
  emulator.faults.expireTokens()
  expect((await gone).reason?.code).toBe(40142)
  await connected(client)
  await client.channels.get('todos').attach()
  expect(tokens).toHaveLength(2)
  expect(await Promise.all(tokens.map(statusWith))).toEqual([401, 200])
})

test('REST calls fail as often as they are told to, and connections are refused', async () => {
  const emulator = await startAbly()
  const backend = rest(emulator).channels.get('todos')
  emulator.faults.failRest({ status: 503, times: 2 })
  expect(await codeOf(backend.publish('a', null))).toBe(50300)
  expect(await codeOf(backend.publish('a', null))).toBe(50300)
  expect(await codeOf(backend.publish('a', null))).toBe('no error')
  emulator.faults.failRest({ status: 0 })
  expect(await codeOf(backend.publish('a', null))).toBe('ECONNRESET')
  emulator.faults.refuse(true)
  const client = realtime(emulator, { disconnectedRetryTimeout: 50 })
  await changesTo(client, 'disconnected')
  emulator.faults.clear()
  await connected(client)
})

test('a close code reaches who is named, whose SDK comes back and resumes', async () => {
  const emulator = await startAbly()
  const raw = openRaw(`ws://${emulator.host}:${emulator.port}/?v=6&key=${emulator.key}`)
  const { connectionId } = (await raw.receive()) as { connectionId: string }
  const [ada, bob] = [await connected(realtime(emulator)), await connected(realtime(emulator))]
  const troubles: Ably.ConnectionStateChange[] = []
  for (const client of [ada, bob]) client.connection.on((change) => troubles.push(change))
  emulator.faults.close(4009, 'Told to', connectionId)
  expect(await raw.closed).toEqual({ code: 4009, reason: 'Told to' })
  await Promise.all([ada.connection.ping(), bob.connection.ping()])
  expect(troubles).toEqual([])

  const { id } = ada.connection
  const gone = changesTo(ada, 'disconnected')
  emulator.faults.close(1012, 'Restarting', id)
  expect((await gone).reason?.code).toBe(80003)
  await connected(ada)
  expect(ada.connection.id).toBe(id)
  const all = [changesTo(ada, 'disconnected'), changesTo(bob, 'disconnected')]
  emulator.faults.close(1001)
  await Promise.all(all)
  await Promise.all([connected(ada), connected(bob)])
})

test('clearing ends what is delayed, lost and failed from then on', async () => {
  const emulator = await startAbly()
  const client = await connected(realtime(emulator))
  const heard = await collect(client.channels.get('todos'))
  const backend = rest(emulator).channels.get('todos')
  const { faults } = emulator
  faults.failRest({ status: 503, times: 10 })
  expect(await codeOf(backend.publish('failed', null))).toBe(50300)
  faults.clear()
  faults.lose(10)
  await backend.publish('lost', null)
  faults.clear()
  faults.lose(10, client.connection.id!)
  await backend.publish('lost by one', null)
  faults.clear()
  faults.delay(3_600_000)
  faults.clear()
  await backend.publish('heard', null)
  expect((await heard.until(1)).map(({ name }) => name)).toEqual(['heard'])
  await client.connection.ping()
})

test('it listens locally, on the port that was asked for, until it is closed', async () => {
  const first = await startAbly()
  expect(first.host).toBe('127.0.0.1')
  const client = await connected(realtime(first, { disconnectedRetryTimeout: 50 }))
  await expect(startAbly({ port: first.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  const gone = changesTo(client, 'disconnected')
  await first.close()
  await gone
  expect((await startAbly({ port: first.port })).port).toBe(first.port)
  await connected(client)
})
