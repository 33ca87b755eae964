import { expect, test } from 'vitest'
import { startPusherEmulator } from '../src/index.ts'
import {
  connected,
  createClientSdk,
  createServerSdk,
  next,
  record,
  settled,
  startEmulator,
  subscribed,
} from './pusher-sdks.ts'

test('a dropped connection comes back, and its channels with it', async () => {
  const emulator = await startEmulator()
  const client = await connected(createClientSdk(emulator))
  const channel = await subscribed(client, 'private-todos')
  const before = client.connection.socket_id
  emulator.faults.drop(before)
  await next(channel, 'pusher:subscription_succeeded')
  expect(client.connection.socket_id).not.toBe(before)
  expect(emulator.connections()).toHaveLength(1)
})

test('only the connection that is named is dropped', async () => {
  const emulator = await startEmulator()
  const [ada, bob] = [createClientSdk(emulator), createClientSdk(emulator)]
  await Promise.all([connected(ada), connected(bob)])
  emulator.faults.drop(ada.connection.socket_id)
  expect(emulator.connections().map(({ id }) => id)).toEqual([bob.connection.socket_id])
  await settled(bob)
})

test('a close code does to the SDK what it says', async () => {
  const emulator = await startEmulator()
  const client = await connected(createClientSdk(emulator))
  const before = client.connection.socket_id
  emulator.faults.close(4200, 'Please reconnect')
  await next(client.connection, 'connected')
  expect(client.connection.socket_id).not.toBe(before)
  const error = next(client.connection, 'error')
  emulator.faults.close(4003, 'Application disabled')
  expect(await error).toMatchObject({ data: { code: 4003, message: 'Application disabled' } })
  expect(client.connection.state).toBe('disconnected')
})

test('newcomers can be rejected with a code until it is cleared', async () => {
  const emulator = await startEmulator()
  emulator.faults.reject(4100, 'Over capacity')
  const client = createClientSdk(emulator)
  expect(await next(client.connection, 'error')).toMatchObject({ error: { data: { code: 4100 } } })
  emulator.faults.clear()
  await connected(client)
})

test('a half-open connection is noticed by the SDK', async () => {
  const emulator = await startEmulator()
  const client = await connected(
    createClientSdk(emulator, undefined, { activityTimeout: 100, pongTimeout: 100 }),
  )
  const before = client.connection.socket_id
  emulator.faults.silence(before)
  expect(client.connection.state).toBe('connected')
  await next(client.connection, 'connected')
  expect(client.connection.socket_id).not.toBe(before)
})

test('refused connections leave the SDK unavailable, and REST fails', async () => {
  const emulator = await startEmulator()
  emulator.faults.refuse(true)
  const client = createClientSdk(emulator, undefined, { unavailableTimeout: 100 })
  await next(client.connection, 'unavailable')
  await expect(createServerSdk(emulator).trigger('todos', 'n', 1)).rejects.toThrow('Request failed')
  emulator.faults.refuse(false)
  await connected(createClientSdk(emulator))
})

test('frames can be delayed, and stay in order when the delay ends', async () => {
  const emulator = await startEmulator()
  const client = createClientSdk(emulator)
  const channel = await subscribed(client, 'todos')
  const heard = record(channel, 'n')
  const server = createServerSdk(emulator)
  emulator.faults.delay(150)
  const start = performance.now()
  await server.trigger('todos', 'n', 1)
  await server.trigger('todos', 'n', 2)
  emulator.faults.delay(0)
  await server.trigger('todos', 'n', 3)
  await settled(client)
  expect(heard).toEqual([1, 2, 3])
  expect(performance.now() - start).toBeGreaterThan(145)
})

test('messages can be lost, for all or for one', async () => {
  const emulator = await startEmulator()
  const [ada, bob] = [createClientSdk(emulator), createClientSdk(emulator)]
  const heard = [record(await subscribed(ada, 'todos'), 'n'), record(await subscribed(bob, 'todos'), 'n')]
  const server = createServerSdk(emulator)
  emulator.faults.lose(2)
  emulator.faults.lose(1, ada.connection.socket_id)
  for (let n = 1; n <= 4; n += 1) await server.trigger('todos', 'n', n)
  await Promise.all([settled(ada), settled(bob)])
  expect(heard).toEqual([[4], [3, 4]])
})

test('REST calls can fail with a status or without an answer, as often as is asked for', async () => {
  const emulator = await startEmulator()
  const server = createServerSdk(emulator)
  const trigger = () =>
    server.trigger('todos', 'n', 1).then(
      () => 200,
      ({ status }) => status,
    )
  emulator.faults.failRest({ status: 503, times: 2, path: '/events' })
  await server.get({ path: '/channels' })
  expect([await trigger(), await trigger(), await trigger()]).toEqual([503, 503, 200])
  emulator.faults.failRest({ status: 0 })
  expect([await trigger(), await trigger()]).toEqual([undefined, 200])
})

test('clearing ends what is delayed, refused, lost and failed from then on', async () => {
  const emulator = await startEmulator()
  const client = createClientSdk(emulator)
  const heard = record(await subscribed(client, 'todos'), 'n')
  const server = createServerSdk(emulator)
  const { faults } = emulator
  faults.failRest({ status: 503, times: 10 })
  await expect(server.trigger('todos', 'n', 'failed')).rejects.toMatchObject({ status: 503 })
  faults.clear()
  faults.lose(10)
  await server.trigger('todos', 'n', 'lost')
  faults.clear()
  faults.lose(10, client.connection.socket_id)
  await server.trigger('todos', 'n', 'lost by one')
  faults.clear()
  faults.refuse(true)
  await expect(server.trigger('todos', 'n', 'refused')).rejects.toThrow('Request failed')
  faults.clear()
  faults.delay(3_600_000)
  faults.clear()
  await server.trigger('todos', 'n', 'heard')
  await settled(client)
  expect(heard).toEqual(['heard'])
})

test('closing cuts everybody off and frees the port, twice if need be', async () => {
  const emulator = await startPusherEmulator()
  const client = await connected(createClientSdk(emulator))
  emulator.faults.silence()
  await Promise.all([emulator.close(), emulator.close()])
  client.disconnect()
  const again = await startEmulator({ port: emulator.port })
  await connected(createClientSdk(again))
})

test('a port that is taken is said so', async () => {
  const { port } = await startEmulator()
  await expect(startPusherEmulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
