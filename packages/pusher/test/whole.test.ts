import { createClient, defineChannel, type Transport, type } from '@syncline/core'
import type { PusherEmulator, PusherEmulatorOptions } from '@syncline/emulator'
import { createHub, type Gateway, memoryStore } from '@syncline/server'
import { sse } from '@syncline/sse'
import { sseGateway } from '@syncline/sse/hub'
import { collect, createTcpProxy, eventually, until } from '@syncline/testing'
import { serveHub } from '@syncline/testing/adapter'
import { describe, expect, onTestFinished, test } from 'vitest'
import { pusherGateway } from '../src/hub/index.ts'
import { type PusherOptions, pusher } from '../src/index.ts'
import { clientOptions, createServerSdk, startEmulator } from './servers.ts'

const notes = defineChannel('notes/:id', {
  events: { note: type<string>() },
  mutations: { add: { input: type<string>(), output: type<number>() } },
})

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A hub with Pusher and SSE, and clients whose two stretches of network can be cut apart. */
const startWorld = async (options: { emulator?: PusherEmulatorOptions; heartbeat?: number } = {}) => {
  const emulator = await startEmulator(options.emulator)
  const closed = new Set(['secret'])
  const sdk = createServerSdk(emulator)
  const { trigger } = sdk
  let taken = 0
  sdk.trigger = async (channels: string | string[], event: string, data: unknown) => {
    const response = await trigger.call(sdk, channels, event, data)
    if (data) taken++
    return response
  }
  const gateways: Gateway[] = [pusherGateway({ pusher: sdk }), sseGateway()]
  const hub = createHub({
    store: memoryStore(),
    gateways,
    heartbeat: options.heartbeat ?? 300,
    logger: silent,
    authenticate: ({ token }) => ({ id: token ?? 'nobody' }),
  })
  hub.serve(notes, {
    authorize: ({ params }) => !closed.has(params.id),
    mutations: {
      add: ({ input, publish }) => {
        publish('note', input)
        return input.length
      },
    },
  })
  await hub.ready
  const url = await serveHub(hub)

  const connect = (transport: Transport, identity: string) => {
    const client = createClient({
      transport,
      identity,
      token: () => identity,
      backoff: { firstDelay: 20, cap: 60 },
    })
    onTestFinished(() => client.close())
    const channel = client.channel(notes, { id: 'a' })
    const seen = collect(channel.on('note'))
    const statuses = collect(client.status$)
    const live = () => until(channel.state$, ({ phase }) => phase === 'live', { what: 'A live channel' })
    return { client, channel, seen, statuses, live, errors: collect(client.errors$) }
  }
  const device = async (identity = 'ada', more: Partial<PusherOptions> = {}) => {
    const toHub = await createTcpProxy({ target: () => Number(new URL(url).port) })
    const toPusher = await createTcpProxy({ target: () => emulator.port })
    onTestFinished(() => toHub.close())
    onTestFinished(() => toPusher.close())
    const transport = pusher(`${toHub.url}/syncline`, { ...clientOptions({ port: toPusher.port }), ...more })
    return { ...connect(transport, identity), toHub, toPusher }
  }
  return {
    emulator,
    hub,
    closed,
    device,
    other: () => connect(sse(url), 'bob'),
    say: (text: string) => hub.publish(notes, { id: 'a' }, 'note', text),
    /** Pusher has taken so many messages. */
    triggered: (count: number) => eventually(() => taken === count),
  }
}

const connectionsOf = (emulator: PusherEmulator) => emulator.connections().length

describe('what Pusher loses', () => {
  test('is noticed by the next message, and fetched', async () => {
    const { emulator, device, say, triggered } = await startWorld({ heartbeat: 15_000 })
    const { seen, live } = await device()
    await live()
    emulator.faults.lose(2)
    for (const [index, text] of ['a', 'b', 'c'].entries()) {
      await say(text)
      await triggered(index + 1)
    }
    await seen.until(({ length }) => length === 3)
    expect(seen.values).toEqual(['a', 'b', 'c'])
  })

  test('is noticed by the heads, even the last of a burst', async () => {
    const { emulator, device, say } = await startWorld({ heartbeat: 2_000 })
    const { seen, live, statuses } = await device()
    await live()
    await say('a')
    await seen.until(({ length }) => length === 1)
    emulator.faults.lose(5)
    await say('last')
    await seen.until(({ length }) => length === 2)
    expect(seen.values).toEqual(['a', 'last'])
    expect(statuses.values.at(-1)?.at).toBe('connected')
  })

  test('comes when its HTTP API answers again, and by the heads before that', async () => {
    const { emulator, device, say } = await startWorld()
    const { seen, live } = await device()
    await live()
    emulator.faults.failRest({ status: 503, times: 1_000 })
    await say('a')
    await seen.until(({ length }) => length === 1)
    emulator.faults.clear()
    await say('b')
    await seen.until(({ length }) => length === 2)
    expect(seen.values).toEqual(['a', 'b'])
  })
})

test('what is too large for Pusher is announced, and fetched from the hub', async () => {
  const { device, say } = await startWorld({ heartbeat: 15_000 })
  const { seen, live } = await device()
  await live()
  const large = 'x'.repeat(20_000)
  await say(large)
  await say('after')
  await seen.until(({ length }) => length === 2)
  expect(seen.values).toEqual([large, 'after'])
})

describe('one half of the wire fails', () => {
  test('Pusher is cut off while the hub can be reached', async () => {
    const { device, other, say } = await startWorld({ heartbeat: 15_000 })
    const ada = await device()
    const bob = other()
    await Promise.all([ada.live(), bob.live()])
    ada.toPusher.refuse()
    ada.toPusher.cut()
    await until(ada.client.status$, ({ at }) => at === 'reconnecting')
    await say('a')
    // Nobody on another provider waits for it.
    await bob.seen.until(({ length }) => length === 1)
    const write = ada.channel.mutate('add', 'b')
    ada.toPusher.accept()
    expect(await write.result).toBe(1)
    await ada.seen.until(({ length }) => length === 2)
    expect(ada.seen.values).toEqual(['a', 'b'])
    expect(bob.statuses.values.map(({ at }) => at)).not.toContain('reconnecting')
  })

  test('the link to Pusher is half-open: messages come by the heads until pusher-js notices', async () => {
    const { emulator, device, say } = await startWorld()
    const ada = await device('ada', { activityTimeout: 4_000, pongTimeout: 500 })
    await ada.live()
    ada.toPusher.pause()
    await say('a')
    await ada.seen.until(({ length }) => length === 1)
    expect(ada.client.status$.get().at).toBe('connected')
    await ada.statuses.until((seen) => seen.some(({ at }) => at === 'reconnecting'))
    await ada.live()
    await say('b')
    await ada.seen.until(({ length }) => length === 2)
    expect(connectionsOf(emulator)).toBeGreaterThan(0)
  })

  test('the hub is cut off while Pusher goes on', async () => {
    const { emulator, device, say } = await startWorld()
    const ada = await device()
    await ada.live()
    ada.toHub.refuse()
    ada.toHub.cut()
    const write = ada.channel.mutate('add', 'mine')
    await until(ada.client.status$, ({ at }) => at === 'reconnecting')
    // No session, no link: Pusher is not used without a hub.
    await eventually(() => connectionsOf(emulator) === 0)
    await say('a')
    ada.toHub.accept()
    expect(await write.result).toBe(4)
    await ada.seen.until(({ length }) => length === 2)
    expect(ada.seen.values).toEqual(['a', 'mine'])
  })

  test('the hub is half-open while Pusher goes on', async () => {
    const { device, say } = await startWorld()
    const ada = await device()
    await ada.live()
    ada.toHub.pause()
    await ada.statuses.until((seen) => seen.some(({ at }) => at === 'reconnecting'))
    await say('a')
    await ada.seen.until(({ length }) => length === 1)
  })
})

describe('access', () => {
  test('what is not granted is refused by the hub', async () => {
    const { emulator, device } = await startWorld()
    const { client } = await device()
    const channel = client.channel(notes, { id: 'secret' })
    collect(channel.on('note'))
    const state = await until(channel.state$, ({ phase }) => phase === 'refused')
    expect(state).toMatchObject({ error: { code: 'forbidden' } })
    expect(emulator.connections().flatMap(({ channels }) => channels)).not.toContain(
      'private-syncline-notes;secret',
    )
  })

  test('a name that Pusher cannot have is refused', async () => {
    const { device } = await startWorld()
    const { client } = await device()
    const channel = client.channel(notes, { id: 'x'.repeat(180) })
    collect(channel.on('note'))
    const state = await until(channel.state$, ({ phase }) => phase === 'refused')
    expect(state).toMatchObject({ error: { code: 'invalid-channel' } })
  })

  test('hub.revoke ends the connections of the person, and of nobody else', async () => {
    const { emulator, hub, device } = await startWorld({ heartbeat: 15_000 })
    const ada = await device('ada')
    const bob = await device('bob')
    await Promise.all([ada.live(), bob.live()])
    await eventually(() => emulator.connections().every(({ userId }) => userId !== undefined))
    hub.revoke({ subject: 'ada' })
    await until(ada.client.status$, ({ at }) => at === 'needs-auth')
    await eventually(() => connectionsOf(emulator) === 1)
    expect(bob.statuses.values.map(({ at }) => at)).not.toContain('reconnecting')
  })

  test('hub.revoke ends one channel; the connection comes back without it', async () => {
    const { emulator, hub, closed, device } = await startWorld()
    const ada = await device('ada')
    await ada.live()
    const other = ada.client.channel(notes, { id: 'b' })
    const heard = collect(other.on('note'))
    await until(other.state$, ({ phase }) => phase === 'live')
    closed.add('a')
    hub.revoke({ subject: 'ada', channel: 'notes/a' })
    await until(ada.channel.state$, ({ phase }) => phase === 'refused')
    // The connection was terminated, and the hub's last words did not end the session.
    await ada.statuses.until((seen) => seen.some(({ at }) => at === 'reconnecting'))
    await until(other.state$, ({ phase }) => phase === 'live')
    await hub.publish(notes, { id: 'b' }, 'note', 'still here')
    await heard.until(({ length }) => length === 1)
    expect(emulator.connections().flatMap(({ channels }) => channels)).not.toContain(
      'private-syncline-notes;a',
    )
  })
})

describe('how the client ends', () => {
  test('a wrong key is not tried again', async () => {
    const { device } = await startWorld()
    const { client, statuses } = await device('ada', { key: 'other' })
    const { error } = (await until(client.status$, ({ at }) => at === 'failed')) as never
    expect(error).toMatchObject({ code: 'provider-refused' })
    expect(statuses.values.map(({ at }) => at)).not.toContain('reconnecting')
  })

  test('a disabled app is not tried again, and retryNow tries', async () => {
    const { emulator, device } = await startWorld()
    emulator.faults.reject(4003)
    const { client, live } = await device()
    await until(client.status$, ({ at }) => at === 'failed')
    emulator.faults.clear()
    client.retryNow()
    await live()
  })

  test('a hub whose secret is wrong says what Pusher said', async () => {
    const emulator = await startEmulator()
    const gateway = pusherGateway({ pusher: createServerSdk(emulator, { secret: 'guessed' }) })
    const hub = createHub({ store: memoryStore(), gateways: [gateway], logger: silent })
    hub.serve(notes, { mutations: { add: () => 1 } })
    const url = await serveHub(hub)
    const client = createClient({ transport: pusher(url, clientOptions(emulator)) })
    onTestFinished(() => client.close())
    client.connect()
    const status = await until(client.status$, ({ at }) => at === 'reconnecting')
    expect(status).toMatchObject({ error: { code: 'transport-failed' } })
    expect((status as { error: { detail: string } }).error.detail).toContain('Invalid signature')
  })
})
