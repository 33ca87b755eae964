import type { PresenceChannel } from 'pusher-js'
import { expect, onTestFinished, test, vi } from 'vitest'
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

test.each([
  'todos',
  'private-todos',
  'presence-todos',
  'cache-todos',
  'private-cache-todos',
  'private-encrypted-todos',
  'private-encrypted-cache-todos',
  'presence-cache-todos',
])('what the server SDK triggers on %s arrives', async (name) => {
  const emulator = await startEmulator()
  const client = createClientSdk(emulator)
  const channel = await subscribed(client, name)
  const event = next(channel, 'created')
  await createServerSdk(emulator).trigger(name, 'created', { id: 1, text: 'ö "' })
  expect(await event).toEqual({ id: 1, text: 'ö "' })
})

test('an event goes to all its channels, in order, and not to the socket that is left out', async () => {
  const emulator = await startEmulator()
  const [ada, bob] = [createClientSdk(emulator), createClientSdk(emulator)]
  const heard = { ada: [] as unknown[], bob: [] as unknown[] }
  for (const name of ['a', 'b']) {
    const onAda = await subscribed(ada, name)
    const onBob = await subscribed(bob, name)
    onAda.bind('n', (n: number) => heard.ada.push([name, n]))
    onBob.bind('n', (n: number) => heard.bob.push([name, n]))
  }
  const server = createServerSdk(emulator)
  await server.trigger(['a', 'b'], 'n', 1)
  await server.trigger('a', 'n', 2, { socket_id: ada.connection.socket_id })
  await server.triggerBatch([
    { channel: 'b', name: 'n', data: 3 },
    { channel: 'a', name: 'n', data: 4 },
  ])
  await Promise.all([settled(ada), settled(bob)])
  expect(heard.bob).toEqual([
    ['a', 1],
    ['b', 1],
    ['a', 2],
    ['b', 3],
    ['a', 4],
  ])
  expect(heard.ada).toEqual(heard.bob.filter((_, index) => index !== 2))
})

test('who unsubscribes hears nothing more', async () => {
  const emulator = await startEmulator()
  const client = createClientSdk(emulator)
  const channel = await subscribed(client, 'todos')
  const heard = record(channel, 'created')
  client.unsubscribe('todos')
  await settled(client)
  await createServerSdk(emulator).trigger('todos', 'created', 1)
  await settled(client)
  expect(heard).toEqual([])
  expect(emulator.connections()[0]?.channels).toEqual([])
})

test('a cache channel replays its last event, or says that it has none', async () => {
  const emulator = await startEmulator()
  const server = createServerSdk(emulator)
  const client = createClientSdk(emulator)
  await next(client.subscribe('cache-todos'), 'pusher:cache_miss')
  await server.trigger('cache-todos', 'n', 1)
  await server.trigger('cache-todos', 'n', 2)
  expect(await next(createClientSdk(emulator).subscribe('cache-todos'), 'n')).toBe(2)
})

test('what a cache channel keeps expires', async () => {
  const emulator = await startEmulator({ limits: { cacheTtl: 0 } })
  await createServerSdk(emulator).trigger('cache-todos', 'n', 1)
  await next(createClientSdk(emulator).subscribe('cache-todos'), 'pusher:cache_miss')
})

test('subscribers are counted where the app asks for it', async () => {
  const emulator = await startEmulator({ subscriptionCount: true })
  const [ada, bob] = [createClientSdk(emulator), createClientSdk(emulator)]
  const channel = await subscribed(ada, 'todos')
  await settled(ada)
  const counts = record(channel, 'pusher:subscription_count')
  await subscribed(bob, 'todos')
  bob.unsubscribe('todos')
  await settled(bob)
  await settled(ada)
  expect(counts).toEqual([{ subscription_count: 2 }, { subscription_count: 1 }])
})

test('presence: one member for each person, whatever their connections', async () => {
  const emulator = await startEmulator()
  const ada = createClientSdk(emulator, { id: 'ada', name: 'Ada' })
  const oneself = record(ada.subscribe('presence-board'), 'pusher:member_added')
  const channel = (await subscribed(ada, 'presence-board')) as PresenceChannel
  expect(oneself).toEqual([])
  expect(channel.members).toMatchObject({ count: 1, myID: 'ada', me: { id: 'ada', info: { name: 'Ada' } } })
  const added = record(channel, 'pusher:member_added')
  const removed = record(channel, 'pusher:member_removed')

  const [tab1, tab2] = [0, 1].map(() => createClientSdk(emulator, { id: 'bob', name: 'Bob' }))
  const seen = (await subscribed(tab1!, 'presence-board')) as PresenceChannel
  expect(seen.members.members).toEqual({ ada: { name: 'Ada' }, bob: { name: 'Bob' } })
  await subscribed(tab2!, 'presence-board')
  await settled(ada)
  expect(added).toEqual([{ id: 'bob', info: { name: 'Bob' } }])

  tab1!.unsubscribe('presence-board')
  await settled(tab1!)
  await settled(ada)
  expect(removed).toEqual([])
  const gone = next(channel, 'pusher:member_removed')
  tab2!.disconnect()
  expect(await gone).toEqual({ id: 'bob', info: { name: 'Bob' } })
  expect(channel.members.count).toBe(1)
  expect(added).toHaveLength(1)
})

test('a person who signed in needs no channel data on a presence channel', async () => {
  const emulator = await startEmulator()
  const backend = createServerSdk(emulator)
  const client = createClientSdk(
    emulator,
    { id: 'ada' },
    {
      channelAuthorization: {
        endpoint: '',
        transport: 'ajax',
        customHandler: ({ socketId, channelName }, callback) =>
          callback(null, backend.authorizeChannel(socketId, channelName)),
      },
    },
  )
  client.signin()
  const channel = (await subscribed(client, 'presence-board')) as PresenceChannel
  expect(channel.members.me.id).toBe('ada')
})

test('client events go to the others, with the sender where the channel knows them', async () => {
  const emulator = await startEmulator()
  const [ada, bob] = [createClientSdk(emulator), createClientSdk(emulator, { id: 'bob' })]
  const channel = await subscribed(ada, 'presence-board')
  const [echo, heard] = [record(channel, 'client-moved'), [] as unknown[]]
  const other = await subscribed(bob, 'presence-board')
  other.bind('client-moved', (data: unknown, meta: unknown) => heard.push([data, meta]))
  channel.trigger('client-moved', { x: 1 })
  await settled(ada)
  await settled(bob)
  expect(heard).toEqual([[{ x: 1 }, { user_id: 'ada' }]])
  expect(echo).toEqual([])
})

test('more than ten client events a second are refused with 4301', async () => {
  // All are sent within one second, however long that takes.
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const emulator = await startEmulator()
  const [ada, bob] = [createClientSdk(emulator), createClientSdk(emulator, { id: 'bob' })]
  const channel = await subscribed(ada, 'private-board')
  const heard = record(await subscribed(bob, 'private-board'), 'client-n')
  const error = next(ada.connection, 'error')
  for (let n = 1; n <= 50; n += 1) channel.trigger('client-n', n)
  expect(await error).toMatchObject({ type: 'PusherError', data: { code: 4301 } })
  await settled(ada)
  await settled(bob)
  expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  await connected(ada)
})
