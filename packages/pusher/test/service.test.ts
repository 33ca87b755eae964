import { createClient } from '@syncline/core'
import { toNodeHandler } from '@syncline/server'
import { collect, type TransportPair, transportSuite, until } from '@syncline/testing'
import { runName, startNotes, uplinkGarbage } from '@syncline/testing/adapter'
import nacl from 'tweetnacl'
import { describe, expect, onTestFinished, test } from 'vitest'
import { pusherGateway } from '../src/hub/index.ts'
import { pusher } from '../src/index.ts'
import { plainPusher } from '../src/plain/index.ts'
import { createSdk, given, place, settings, takes } from './service.ts'

const patience = { timeout: 20_000 }

if (!given) console.warn(`Pusher itself is not tested: ${takes} are not all set.`)

const start = (encrypted: boolean) =>
  startNotes(pusherGateway({ pusher: createSdk(), encrypted }), (url) => pusher(url, { ...settings, nacl }))

describe.skipIf(!given)(`${place}, which takes ${takes}`, () => {
  test.each([false, true])('carries what a hub says, encrypted: %s', async (encrypted) => {
    const { connect } = await start(encrypted)
    const [ada, bob] = [connect('ada'), connect('bob')]
    for (const { channel } of [ada, bob])
      await until(channel.state$, ({ phase }) => phase === 'live', patience)
    const texts = ['a', 'x'.repeat(20_000), 'c']
    for (const text of texts) await ada.channel.mutate('add', text).result
    await bob.seen.until(({ length }) => length === 3, patience)
    expect(bob.seen.values).toEqual(texts)
  })

  test('ends the connections of who was revoked', async () => {
    const { hub, connect } = await start(false)
    const { client, channel } = connect(`ada-${runName}`)
    await until(channel.state$, ({ phase }) => phase === 'live', patience)
    hub.revoke({ subject: `ada-${runName}` })
    await until(client.status$, ({ at }) => at === 'needs-auth', patience)
  })

  test('will not have a key that is none', async () => {
    const client = createClient({ transport: plainPusher({ ...settings, key: '0123456789abcdef0123' }) })
    onTestFinished(() => client.close())
    client.connect()
    const status = await until(client.status$, ({ at }) => at === 'failed', patience)
    expect(status).toMatchObject({ error: { code: 'provider-refused' } })
  })

  test('carries its own events and presence', async () => {
    const sdk = createSdk()
    const name = `presence-${runName}` as const
    const open = (id: string) => {
      const client = createClient({
        transport: plainPusher({
          ...settings,
          channelAuthorization: {
            customHandler: ({ socketId, channelName }, callback) =>
              callback(null, sdk.authorizeChannel(socketId, channelName, { user_id: id })),
          },
        }),
      })
      onTestFinished(() => client.close())
      return client.plain<{ created: string }>(name)
    }
    const ada = open('ada')
    const seen = collect(ada.on('created'))
    await until(ada.presence.members$, (members) => members?.length === 1, patience)
    const bob = collect(open('bob').presence.members$)
    await until(ada.presence.members$, (members) => members?.length === 2, patience)
    await sdk.trigger(name, 'created', 'a')
    await seen.until(({ length }) => length === 1, patience)
    bob.stop()
    await until(ada.presence.members$, (members) => members?.length === 1, patience)
  })
})

const pair = (encrypted: boolean): TransportPair => ({
  service: { attemptTimeout: 10_000, heartbeat: 3_000, timeout: 90_000 },
  serve: (server) => ({
    gateway: pusherGateway({ pusher: createSdk(), encrypted }),
    mount: (handler) => void server.on('request', toNodeHandler(handler)),
  }),
  transport: (url) => pusher(`${url}/syncline`, { ...settings, nacl }),
  garbage: uplinkGarbage('pusher', ['sign-in', 'authorize']),
})

if (given) {
  transportSuite(place, pair(false))
  transportSuite(`${place}, encrypted`, pair(true))
}
