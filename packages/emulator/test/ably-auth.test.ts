import { expect, test } from 'vitest'
import {
  changesTo,
  codeOf,
  collect,
  connected,
  next,
  realtime,
  rest,
  signJwt,
  startAbly,
} from './ably-sdk.ts'
import { stopClock } from './stop-clock.ts'

const keys = [
  'app.admin:s3cret',
  { key: 'app.limited:s3cret2', capability: { 'todos:*': ['subscribe', 'publish'] } },
]

test('a signed token request becomes a token once, for the key that signed it', async () => {
  const emulator = await startAbly()
  const backend = rest(emulator)
  const request = await backend.auth.createTokenRequest({
    clientId: 'ada',
    capability: { b: ['subscribe'], a: ['publish', 'history'] },
    ttl: 60_000,
  })
  const exchange = (body: object) =>
    backend.auth.requestToken({}, { authCallback: (_, callback) => callback(null, body as never) })
  const details = await exchange(request)
  expect(details).toMatchObject({
    clientId: 'ada',
    capability: '{"a":["history","publish"],"b":["subscribe"]}',
  })
  expect(details.expires - details.issued).toBe(60_000)
  expect(await codeOf(exchange(request))).toBe(40105)
  const fresh = () => backend.auth.createTokenRequest({ clientId: 'ada' })
  expect(await codeOf(exchange({ ...(await fresh()), clientId: 'eve' }))).toBe(40101)
  expect(await codeOf(exchange({ ...(await fresh()), mac: undefined }))).toBe(40101)
  expect(
    await codeOf(exchange(await backend.auth.createTokenRequest({ timestamp: Date.now() - 3_600_000 }))),
  ).toBe(40104)
  expect(await codeOf(exchange({ ...(await fresh()), keyName: 'emulator.other' }))).toBe(40101)
  expect(await codeOf(exchange({ ...(await fresh()), keyName: 'nowhere.key' }))).toBe(40400)
  expect(await codeOf(backend.auth.requestToken({ ttl: 48 * 3_600_000 }))).toBe(40003)
})

test('a token never has more than its key', async () => {
  const emulator = await startAbly({ keys })
  const { auth } = rest(emulator, { key: 'app.limited:s3cret2' })
  const limited = await auth.requestToken({ capability: { '*': ['*'] } })
  expect(JSON.parse(limited.capability)).toEqual({ 'todos:*': ['publish', 'subscribe'] })
  expect(await codeOf(auth.requestToken({ capability: { 'board:1': ['*'] } }))).toBe(40160)
})

test('a JWT says who its bearer is and what for', async () => {
  const emulator = await startAbly({ keys })
  const token = (claims: object, head?: object) => signJwt('app.admin:s3cret', { ...claims }, head)
  const client = realtime(emulator, {
    authCallback: (_, callback) =>
      callback(
        null,
        token({
          'x-ably-clientId': 'ada',
          'x-ably-capability': JSON.stringify({ 'todos:1': ['subscribe'] }),
        }),
      ),
  })
  await connected(client)
  expect(client.auth.clientId).toBe('ada')
  const channel = client.channels.get('todos:1')
  await channel.attach()
  expect(channel.modes).toEqual(['subscribe', 'presence_subscribe'])
  expect(await codeOf(client.channels.get('todos:2').attach())).toBe(40160)
  const backend = (text: string) => codeOf(rest(emulator, { token: text }).channels.get('x').history())
  // Without a way to a new token, the SDK says so for every token error (40140 to 40149).
  expect(await backend(token({}))).toBe('no error')
  expect(await backend(`${token({}).slice(0, -4)}AAAA`)).toBe(40171)
  const answer = async (text: string) => {
    const response = await fetch(`http://${emulator.host}:${emulator.port}/channels/x/messages`, {
      headers: { authorization: `Bearer ${text}` },
    })
    return ((await response.json()) as { error: { code: number } }).error.code
  }
  expect(await answer(`${token({}).slice(0, -4)}AAAA`)).toBe(40144)
  expect(await answer(token({}, { alg: 'none' }))).toBe(40144)
  expect(await answer(token({ exp: 'soon' }))).toBe(40144)
  expect(await answer(token({ exp: 1 }))).toBe(40142)
  expect(await answer(token({ 'x-ably-capability': '{' }))).toBe(40144)
  expect(await answer(token({}, { kid: 'app.nobody' }))).toBe(40101)
  expect(await answer(token({}, { kid: 'other.key' }))).toBe(40400)
})

test('wrong and missing credentials fail the connection with their code', async () => {
  const emulator = await startAbly({ keys })
  const failure = async (key: string) => (await changesTo(realtime(emulator, { key }), 'failed')).reason?.code
  expect(await failure('app.admin:wrong')).toBe(40101)
  expect(await failure('app.nobody:s3cret')).toBe(40101)
  expect(await failure('other.key:s3cret')).toBe(40400)
  expect(await codeOf(rest(emulator, { key: 'app.admin:wrong' }).channels.get('x').history())).toBe(40101)
  const { auth } = rest(emulator)
  const adas = await auth.requestToken({ clientId: 'ada' })
  const mismatch = realtime(emulator, { token: adas.token, clientId: 'bob' })
  expect((await changesTo(mismatch, 'failed')).reason?.code).toBe(40102)
})

test('an expired token is replaced, and the connection goes on', async () => {
  const clock = stopClock()
  const emulator = await startAbly()
  const { auth } = rest(emulator)
  let asked = 0
  const client = realtime(emulator, {
    authCallback: (_, callback) => {
      asked += 1
      auth.requestToken({ clientId: 'ada', ttl: asked === 1 ? 30_000 : 3_600_000 }).then(
        (details) => callback(null, details),
        (error) => callback(error, null),
      )
    },
  })
  await connected(client)
  const { id } = client.connection
  const channel = client.channels.get('todos')
  const received = await collect(channel)
  const gone = changesTo(client, 'disconnected')
  const back = next(channel, 'attached')
  clock.pass(29_999)
  expect((await rest(emulator).channels.get('todos').status()).status.isActive).toBe(true)
  clock.pass(2)
  expect((await gone).reason?.code).toBe(40142)
  await rest(emulator).channels.get('todos').publish('meanwhile', null)
  expect((await back).resumed).toBe(true)
  expect([client.connection.id, asked]).toEqual([id, 2])
  expect((await received.until(1)).map(({ name }) => name)).toEqual(['meanwhile'])
})

test('before a token expires, a new one is asked for in place', async () => {
  const clock = stopClock()
  const emulator = await startAbly({ limits: { reauthMargin: 10_000 } })
  const { auth } = rest(emulator)
  let asked = 0
  const client = realtime(emulator, {
    authCallback: (_, callback) => {
      asked += 1
      auth.requestToken({ clientId: 'ada', ttl: asked === 1 ? 60_000 : 3_600_000 }).then(
        (details) => callback(null, details),
        (error) => callback(error, null),
      )
    },
  })
  await connected(client)
  const states: string[] = []
  client.connection.on(({ current }) => states.push(current))
  const updated = new Promise<void>((resolve) => client.connection.once('update', () => resolve()))
  clock.pass(50_000)
  await updated
  expect([asked, states]).toEqual([2, ['connected']])
})

test('a new token in place changes what the channels may do', async () => {
  const emulator = await startAbly()
  const { auth } = rest(emulator)
  const token = (capability: Record<string, string[]>) =>
    auth.requestToken({ clientId: 'ada', capability: capability as never })
  const client = realtime(emulator, { tokenDetails: await token({ a: ['subscribe'], b: ['subscribe'] }) })
  const [a, b] = [client.channels.get('a'), client.channels.get('b')]
  await Promise.all([a.attach(), b.attach()])
  const { id } = client.connection
  const failed = next(b, 'failed')
  await client.auth.authorize(undefined, {
    authCallback: (_, callback) =>
      void token({ a: ['subscribe', 'publish'] }).then((details) => callback(null, details)),
  })
  expect((await failed).reason?.code).toBe(40160)
  await a.publish('now allowed', null)
  expect(client.connection.id).toBe(id)
  const gone = changesTo(client, 'failed')
  const others = await auth.requestToken({ clientId: 'eve' })
  const authorizing = codeOf(
    client.auth.authorize(undefined, {
      authCallback: (_, callback) => callback(null, { ...others, clientId: 'ada' }),
    }),
  )
  expect((await gone).reason?.code).toBe(40102)
  expect(await authorizing).toBe(40102)
})

test('revoking takes the tokens of one client and leaves the others', async () => {
  const clock = stopClock()
  const emulator = await startAbly()
  const backend = rest(emulator)
  const connect = async (clientId: string) => {
    const tokenDetails = await backend.auth.requestToken({ clientId })
    return connected(realtime(emulator, { tokenDetails }))
  }
  const [ada, bob] = await Promise.all([connect('ada'), connect('bob')])
  const gone = changesTo(ada, 'disconnected')
  // Only tokens issued in an earlier millisecond are meant.
  clock.pass(1)
  const result = await backend.auth.revokeTokens([
    { type: 'clientId', value: 'ada' },
    { type: 'planet', value: 'mars' },
  ])
  expect(result).toMatchObject({ successCount: 1, failureCount: 1 })
  expect(result.results[0]).toMatchObject({ target: 'clientId:ada', issuedBefore: expect.any(Number) })
  expect(result.results[1]).toMatchObject({ error: { code: 40003 } })
  expect((await gone).reason?.code).toBe(40141)
  await bob.channels.get('todos').attach()
  await connect('ada')
})

test('only the key itself revokes', async () => {
  const emulator = await startAbly({ keys })
  const { token } = await rest(emulator).auth.requestToken()
  const revoke = async (authorization: string, name = 'app.admin') => {
    const response = await fetch(`http://${emulator.host}:${emulator.port}/keys/${name}/revokeTokens`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ targets: ['clientId:ada'] }),
    })
    return ((await response.json()) as { error?: { code: number } }).error?.code
  }
  const basic = (key: string) => `Basic ${btoa(key)}`
  expect(await revoke(`Bearer ${btoa(token)}`)).toBe(40162)
  expect(await revoke(basic('app.limited:s3cret2'))).toBe(40101)
  expect(await revoke(basic('app.admin:s3cret'))).toBe(undefined)
})
