import { createClient } from '@syncline/core'
import { toNodeHandler } from '@syncline/server'
import { collect, type TransportPair, transportSuite, until } from '@syncline/testing'
import { runName, startNotes, uplinkGarbage } from '@syncline/testing/adapter'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ablyGateway } from '../src/hub/index.ts'
import { ably } from '../src/index.ts'
import { plainAbly } from '../src/plain/index.ts'
import { createRest, given, place, settings } from './service.ts'

const patience = { timeout: 20_000 }

if (!given) console.warn('Ably itself is not tested: ABLY_API_KEY is not set.')

const start = () => startNotes(ablyGateway({ rest: createRest() }), (url) => ably(url, settings))

describe.skipIf(!given)(`${place}, which takes ABLY_API_KEY`, () => {
  test('carries what a hub says', async () => {
    const { connect } = await start()
    const [ada, bob] = [connect('ada'), connect('bob')]
    for (const { channel } of [ada, bob])
      await until(channel.state$, ({ phase }) => phase === 'live', patience)
    const texts = ['a', 'x'.repeat(100_000), 'c']
    for (const text of texts) await ada.channel.mutate('add', text).result
    await bob.seen.until(({ length }) => length === 3, patience)
    expect(bob.seen.values).toEqual(texts)
  })

  test('ends what it lets those hear who were revoked', async () => {
    const { hub, connect } = await start()
    const { client, channel } = connect(`ada-${runName}`)
    await until(channel.state$, ({ phase }) => phase === 'live', patience)
    hub.revoke({ subject: `ada-${runName}` })
    await until(client.status$, ({ at }) => at === 'needs-auth', patience)
  })

  test('carries its own events and presence', async () => {
    const { auth } = createRest()
    const open = (clientId: string) => {
      const client = createClient({
        transport: plainAbly({
          ...settings,
          authCallback: (_, done) => {
            auth.createTokenRequest({ clientId }).then(
              (token) => done(null, token),
              (error) => done(error, null),
            )
          },
        }),
      })
      onTestFinished(() => client.close())
      return client.plain<{ said: string }, { said: string }>(`room-${runName}`)
    }
    const [ada, bob] = [open('ada'), open('bob')]
    const seen = collect(bob.on('said'))
    const members = collect(bob.presence.members$)
    await members.until((all) => all.at(-1)?.length === 0, patience)
    const adas = collect(ada.presence.members$)
    await adas.until((all) => all.at(-1) !== undefined, patience)
    await ada.presence.enter('here')
    await members.until((all) => all.at(-1)?.length === 1, patience)
    await ada.send('said', 'hello')
    await seen.until(({ length }) => length === 1, patience)
    await ada.presence.exit()
    await members.until((all) => all.at(-1)?.length === 0, patience)
  })
})

const pair: TransportPair = {
  service: { attemptTimeout: 10_000, heartbeat: 3_000, timeout: 90_000 },
  serve: (server) => ({
    gateway: ablyGateway({ rest: createRest() }),
    mount: (handler) => void server.on('request', toNodeHandler(handler)),
  }),
  transport: (url) => ably(`${url}/syncline`, settings),
  garbage: uplinkGarbage('ably', ['token']),
}

if (given) transportSuite(place, pair)
