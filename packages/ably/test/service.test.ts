import { createServer } from 'node:http'
import { createClient, defineChannel, type } from '@syncline/core'
import { createHub, memoryStore, toNodeHandler } from '@syncline/server'
import { collect, type TransportPair, transportSuite, until } from '@syncline/testing'
import { listen } from '@syncline/testing/adapter'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ablyGateway } from '../src/hub/index.ts'
import { ably } from '../src/index.ts'
import { plainAbly } from '../src/plain/index.ts'
import { garbage } from './garbage.ts'
import { createRest, given, place, settings } from './service.ts'

const patience = { timeout: 20_000 }

if (!given) console.warn('Ably itself is not tested: ABLY_API_KEY is not set.')

/** A name of this run: the app at Ably may be in use. */
const run = crypto.randomUUID().slice(0, 8)
const notes = defineChannel('notes/:id', {
  events: { note: type<string>() },
  mutations: { add: { input: type<string>() } },
})

const startHub = async () => {
  const hub = createHub({
    store: memoryStore(),
    gateways: [ablyGateway({ rest: createRest() })],
    authenticate: ({ token }) => ({ id: token ?? 'nobody' }),
  })
  hub.serve(notes, { mutations: { add: ({ input, publish }) => publish('note', input) } })
  const server = createServer(toNodeHandler(hub.handler))
  const url = await listen(server, 0)
  onTestFinished(async () => {
    await hub.close({ within: 500 })
    server.closeAllConnections()
    server.close()
  })
  const connect = (identity: string) => {
    const client = createClient({
      transport: ably(`${url}/syncline`, settings),
      identity,
      token: () => identity,
    })
    onTestFinished(() => client.close())
    const channel = client.channel(notes, { id: run })
    return { client, channel, seen: collect(channel.on('note')) }
  }
  return { hub, connect }
}

describe.skipIf(!given)(`${place}, which takes ABLY_API_KEY`, () => {
  test('carries what a hub says', async () => {
    const { connect } = await startHub()
    const [ada, bob] = [connect('ada'), connect('bob')]
    for (const { channel } of [ada, bob])
      await until(channel.state$, ({ phase }) => phase === 'live', patience)
    const texts = ['a', 'x'.repeat(100_000), 'c']
    for (const text of texts) await ada.channel.mutate('add', text).result
    await bob.seen.until(({ length }) => length === 3, patience)
    expect(bob.seen.values).toEqual(texts)
  })

  test('ends what it lets those hear who were revoked', async () => {
    const { hub, connect } = await startHub()
    const { client, channel } = connect(`ada-${run}`)
    await until(channel.state$, ({ phase }) => phase === 'live', patience)
    hub.revoke({ subject: `ada-${run}` })
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
      return client.plain<{ said: string }, { said: string }>(`room-${run}`)
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
  garbage,
}

if (given) transportSuite(place, pair)
