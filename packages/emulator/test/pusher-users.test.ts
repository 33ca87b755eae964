import { expect, test } from 'vitest'
import {
  connected,
  createClientSdk,
  createServerSdk,
  next,
  nextFrame,
  record,
  settled,
  startEmulator,
} from './pusher-sdks.ts'

const signedIn = async (client: ReturnType<typeof createClientSdk>) => {
  const ready = nextFrame(client, 'pusher_internal:subscription_succeeded')
  client.signin()
  await ready
  return client
}

test('who signed in gets what is sent to them alone', async () => {
  const emulator = await startEmulator()
  const ada = await signedIn(createClientSdk(emulator, { id: 'ada' }))
  const bob = await signedIn(createClientSdk(emulator, { id: 'bob' }))
  expect(emulator.connections().map(({ userId }) => userId)).toEqual(['ada', 'bob'])
  const others = record(bob.user, 'hello')
  const event = next(ada.user, 'hello')
  await createServerSdk(emulator).sendToUser('ada', 'hello', { n: 1 })
  expect(await event).toEqual({ n: 1 })
  await settled(bob)
  expect(others).toEqual([])
})

test('terminating a person closes all their connections for good and nobody else', async () => {
  const emulator = await startEmulator()
  const tabs = [0, 1].map(() => createClientSdk(emulator, { id: 'ada lovelace' }))
  const bob = await signedIn(createClientSdk(emulator, { id: 'bob' }))
  const errors = tabs.map((tab) => record(tab.connection, 'error'))
  for (const tab of tabs) await signedIn(tab)
  const closed = tabs.map((tab) => next(tab.connection, 'disconnected'))
  await createServerSdk(emulator).terminateUserConnections('ada lovelace')
  await Promise.all(closed)
  for (const list of errors) expect(list[0]).toMatchObject({ data: { code: 4009 } })
  await settled(bob)
  expect(emulator.connections().map(({ userId }) => userId)).toEqual(['bob'])
})

test('a sign-in with a bad signature ends the connection with 4009', async () => {
  const emulator = await startEmulator()
  const forger = createServerSdk(emulator, { secret: 'guessed' })
  const client = createClientSdk(
    emulator,
    { id: 'ada' },
    {
      userAuthentication: {
        endpoint: '',
        transport: 'ajax',
        customHandler: ({ socketId }, callback) =>
          callback(null, forger.authenticateUser(socketId, { id: 'ada' })),
      },
    },
  )
  await connected(client)
  const error = next(client.connection, 'error')
  client.signin()
  expect(await error).toMatchObject({ data: { code: 4009 } })
  if (client.connection.state !== 'disconnected') await next(client.connection, 'disconnected')
  expect(emulator.connections()).toEqual([])
})

test('a watchlist tells who is there, who comes and who goes', async () => {
  const emulator = await startEmulator()
  await signedIn(createClientSdk(emulator, { id: 'bob' }))
  const ada = createClientSdk(emulator, { id: 'ada', watchlist: ['bob', 'eve'] })
  const [online, offline] = [record(ada.user.watchlist, 'online'), record(ada.user.watchlist, 'offline')]
  await signedIn(ada)
  await settled(ada)
  expect([online, offline]).toEqual([
    [{ name: 'online', user_ids: ['bob'] }],
    [{ name: 'offline', user_ids: ['eve'] }],
  ])

  const [tab1, tab2] = [0, 1].map(() => createClientSdk(emulator, { id: 'eve' }))
  await signedIn(tab1!)
  await signedIn(tab2!)
  const offlineSoFar = offline.length
  tab1!.disconnect()
  await settled(tab2!)
  await settled(ada)
  expect(offline).toHaveLength(offlineSoFar)
  const gone = next(ada.user.watchlist, 'offline')
  tab2!.disconnect()
  expect(await gone).toEqual({ name: 'offline', user_ids: ['eve'] })
  expect(online.slice(1)).toEqual([{ name: 'online', user_ids: ['eve'] }])
})

test('a watchlist that is too long is refused with 4302', async () => {
  const emulator = await startEmulator({ limits: { watchlist: 1 } })
  const ada = createClientSdk(emulator, { id: 'ada', watchlist: ['bob', 'eve'] })
  await connected(ada)
  const error = next(ada.connection, 'error')
  ada.signin()
  expect(await error).toMatchObject({ data: { code: 4302 } })
})
