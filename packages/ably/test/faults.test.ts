import { createDefaultEnvironment, type SynclineError } from '@syncline/core'
import type { ClientFrame, MessagesFrame } from '@syncline/core/protocol'
import { eventually, until } from '@syncline/testing'
import * as Ably from 'ably'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ablyGateway } from '../src/hub/index.ts'
import { listenersOf, local, restAt, untilListeners } from './emulated.ts'
import { startWorld } from './world.ts'

const undisturbed = ['idle', 'connecting', 'connected']

describe('a token', () => {
  test('that expired at Ably is renewed in place: the session goes on and nothing is lost', async () => {
    const world = await startWorld()
    const { room, statuses, errors } = await world.client()
    const home = room()
    await home.live()
    for (const round of [1, 2, 3]) {
      world.emulator.faults.expireTokens()
      await world.say(round)
      await home.heard(round)
    }
    expect(home.data()).toEqual([1, 2, 3])
    expect(statuses.values.map(({ at }) => at)).toEqual(undisturbed)
    expect(errors.values).toEqual([])
  })

  test('lives no longer than the session, and is renewed with it', async () => {
    const world = await startWorld()
    const expiries: number[] = []
    const { room, statuses } = await world.client({
      token: () => {
        const now = Date.now()
        expiries.push(now + 5_000)
        // What the client is told is sooner than the hub and Ably end it: one that is late goes on as well.
        return { token: `ada|${now + 5_000}`, expiresAt: now + 1_500 }
      },
    })
    const home = room()
    await home.live()
    await eventually(() => expiries.length >= 3 && Date.now() > expiries[0]!)
    await world.say('still there')
    await home.heard(1)
    expect(statuses.values.map(({ at }) => at)).toEqual(undisturbed)
  })

  test('that Ably does not give ends the attempt, and another one is made', async () => {
    const world = await startWorld()
    world.emulator.faults.failRest({ status: 500, times: 2, path: 'requestToken' })
    const { client, room, errors } = await world.client()
    const home = room()
    await home.live()
    expect(errors.values.map(({ code }) => code)).toEqual(['transport-failed', 'transport-failed'])
    expect(client.status$.get().at).toBe('connected')
  })

  test("of a key that Ably does not know leaves the client trying, and both sides told that it is the hub's", async () => {
    const world = await startWorld({ rest: { key: 'emulator.key:wrong' } })
    const { client, errors } = await world.client()
    client.connect()
    const status = await until(client.status$, ({ at }) => at === 'reconnecting')
    expect(status).toMatchObject({ error: { code: 'transport-failed' } })
    await errors.until(({ length }) => length >= 3)
    expect(errors.values[0]?.detail).toBe("Ably refused the hub's key (40101)")
    // Once, however often clients try.
    expect(world.logged).toEqual([
      [expect.objectContaining({ gateway: 'ably', code: 'provider-refused' }), "Ably refused the hub's key"],
    ])
  })
})

describe('a cut of the link to Ably', () => {
  test('is resumed: what was said meanwhile comes from Ably, without a page from the hub', async () => {
    const world = await startWorld()
    const sent: ClientFrame['type'][] = []
    const { client, room } = await world.client({
      taps: {
        out: (frame, pass) => {
          sent.push(frame.type)
          pass(frame)
        },
        // Without what the hub adds to its answer: what Ably does not bring would have to be fetched.
        in: (frame, pass) => pass(frame.type === 'joined' ? { ...frame, messages: [] } : frame),
      },
      backoff: { firstDelay: 100, cap: 200 },
    })
    const home = room()
    await home.live()
    await world.say(1)
    await home.heard(1)
    world.emulator.faults.drop()
    await until(client.status$, ({ at }) => at === 'reconnecting')
    await world.say(2)
    await world.say(3)
    await home.heard(3)
    expect(home.data()).toEqual([1, 2, 3])
    expect(sent).not.toContain('fetch')
  })

  test.each([90003, 90004, 90005] as const)('that loses continuity (%i) loses no message', async (code) => {
    const world = await startWorld()
    const { client, room } = await world.client({ backoff: { firstDelay: 100, cap: 200 } })
    const home = room()
    await home.live()
    await world.say(1)
    await home.heard(1)
    world.emulator.faults.drop()
    await until(client.status$, ({ at }) => at === 'reconnecting')
    await world.say(2)
    world.emulator.faults.loseContinuity(code)
    await world.say(3)
    await home.heard(3)
    await world.say(4)
    await home.heard(4)
    expect(home.data()).toEqual([1, 2, 3, 4])
  })

  test('that is not noticed ends with the patience of the SDK; the heads bridge it', async () => {
    const world = await startWorld({ emulator: { limits: { maxIdleInterval: 300 } }, heartbeat: 200 })
    const { room, errors } = await world.client({ sdk: { realtimeRequestTimeout: 300 } as object })
    const home = room()
    await home.live()
    world.emulator.faults.silence()
    await world.say(1)
    await home.heard(1)
    await errors.until(({ length }) => length > 0)
    await world.say(2)
    await home.heard(2)
    expect(home.data()).toEqual([1, 2])
  })

  test('is followed by no attempt that core did not make', async () => {
    const world = await startWorld()
    const { client, room, sdkClient } = await world.client({
      backoff: { firstDelay: 60_000, cap: 60_000 },
      environment: { ...createDefaultEnvironment(), random: () => 1 },
    })
    await room().live()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    world.emulator.faults.drop()
    await until(client.status$, ({ at }) => at === 'reconnecting')
    const listeners = () => listenersOf(world.rest, 'syncline:talk/home')
    expect(await listeners()).toBe(0)
    const states: string[] = []
    sdkClient().connection.on(({ current }) => states.push(current))
    // The SDK's own retries come after a second and every 15 s; core's after 60 s.
    await vi.advanceTimersByTimeAsync(59_000)
    vi.useRealTimers()
    expect(await listeners()).toBe(0)
    expect([sdkClient().connection.state, ...states]).toEqual(['suspended'])
    client.retryNow()
    await untilListeners(world.rest, 'syncline:talk/home', 1)
  })
})

describe('what Ably loses', () => {
  test('is noticed by the heads, though nothing follows it', async () => {
    const world = await startWorld({ heartbeat: 2_000 })
    const { room, statuses } = await world.client()
    const home = room()
    await home.live()
    world.emulator.faults.lose(1)
    await world.say('lost')
    await home.heard(1)
    expect(home.data()).toEqual(['lost'])
    expect(statuses.values.map(({ at }) => at)).toEqual(undisturbed)
  })

  test('in the middle is fetched, and the order holds', async () => {
    const world = await startWorld()
    const { room, sdkClient } = await world.client()
    const other = (await world.client()).room()
    const home = room()
    await Promise.all([home.live(), other.live()])
    await world.say(1)
    await home.heard(1)
    world.emulator.faults.lose(1, sdkClient().connection.id)
    await world.say(2)
    await other.heard(2)
    await world.say(3)
    await home.heard(3)
    expect(home.data()).toEqual([1, 2, 3])
  })
})

describe('the uplink', () => {
  test('may fail while Ably lives: the session is opened again and nothing is lost', async () => {
    const world = await startWorld({ heartbeat: 200 })
    const { client, proxy, room } = await world.client()
    const home = room()
    await home.live()
    proxy.refuse()
    proxy.cut()
    await until(client.status$, ({ at }) => at === 'reconnecting')
    await world.say(1)
    proxy.accept()
    await home.heard(1)
    await world.say(2)
    await home.heard(2)
    expect(home.data()).toEqual([1, 2])
  })
})

describe("Ably's limits", () => {
  test.each([false, true])(
    'a message that is too large for Ably is fetched (msgpack: %s)',
    async (useBinaryProtocol) => {
      const world = await startWorld()
      const frames: MessagesFrame[] = []
      const { room } = await world.client({
        sdk: { useBinaryProtocol },
        taps: {
          in: (frame, pass) => {
            if (frame.type === 'messages') frames.push(frame)
            pass(frame)
          },
        },
      })
      const home = room()
      await home.live()
      const large = 'x'.repeat(100_000)
      await world.say({ n: 1 })
      await world.say(large)
      await world.say([3, null, true])
      await home.heard(3)
      expect(home.data()).toEqual([{ n: 1 }, large, [3, null, true]])
      expect(frames.some(({ messages, head }) => messages.length === 0 && head)).toBe(true)
      expect(frames.flatMap(({ messages }) => messages).some(([, , , , data]) => data === large)).toBe(false)
    },
  )

  test('more than a channel takes in a second comes a little later, whole and in order', async () => {
    // After each publish, of however many messages, there is none for 3.3 s.
    const world = await startWorld({ emulator: { limits: { channelRate: 0.3 } } })
    const { room } = await world.client()
    const home = room()
    await home.live()
    const all = Array.from({ length: 20 }, (_, index) => index)
    await world.say(0)
    await home.heard(1)
    await Promise.all(all.slice(1).map((n) => world.say(n)))
    await home.heard(20)
    expect(home.data()).toEqual(all)
    expect(
      JSON.stringify(world.logged.map((entry) => (entry as [{ error?: { code: string } }])[0].error?.code)),
    ).toContain('rate-limited')
  })

  test.each([
    [42910, undefined],
    [42913, 'talk/home'],
    [42914, 'talk/home'],
    [42917, undefined],
  ])("exceeding a rate (%i) names the channel where it is one channel's: %s", async (code, channel) => {
    const rest = restAt({ host: '127.0.0.1', port: 1 })
    const publish = () => Promise.reject(Object.assign(new Error('too many'), { code, statusCode: 429 }))
    rest.channels.get = () => ({ publish }) as never
    const frame = { type: 'messages', channel: 'talk/home', epoch: 'e', messages: [] } as const
    const published = ablyGateway({ rest }).publish?.('talk/home', { frame, json: '' } as never)
    const error = await published?.catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'rate-limited', retryAfter: 1_000 })
    expect((error as unknown as SynclineError).channel).toBe(channel)
  })

  test('nobody there: each attempt ends', async () => {
    const world = await startWorld()
    world.emulator.faults.refuse(true)
    const { client, room } = await world.client()
    const home = room()
    await until(client.status$, ({ at }) => at === 'reconnecting')
    world.emulator.faults.clear()
    await home.live()
  })
})

describe('trust', () => {
  /** A client that is none of ours, with a session and a token of its own. */
  const openHostile = async (
    { emulator, url }: Awaited<ReturnType<typeof startWorld>>,
    channels: string[],
  ) => {
    const post = async (path: string, body: object) => {
      const response = await fetch(`${url}/ably${path}`, {
        method: 'POST',
        headers: { authorization: 'Bearer ada' },
        body: JSON.stringify(body),
      })
      return response.json()
    }
    const { session } = await post('', { frames: [{ type: 'hello', version: 1, client: 'c1' }] })
    const { token, granted } = await post('/token', { session, channels })
    let asked = 0
    const client = new Ably.Realtime({
      ...local(emulator),
      useBinaryProtocol: false,
      authCallback: (_, done) => (asked++ ? done('no more', null) : done(null, token)),
    })
    onTestFinished(() => client.close())
    await client.connection.whenState('connected')
    return { client, granted, token: token as Ably.TokenDetails }
  }
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'no error',
      ({ code }) => code,
    )

  test('a token lets one listen to what was granted, and nothing else', async () => {
    const world = await startWorld()
    world.closed.add('secret')
    const { client, granted, token } = await openHostile(world, ['talk/home', 'talk/secret', 'nowhere'])
    expect(granted).toEqual([['talk/home', 'syncline:talk/home']])
    expect(token.clientId).toBe('u:ada')
    const home = client.channels.get('syncline:talk/home')
    await home.attach()
    expect(await codeOf(home.publish('said', 'forged'))).toBe(40160)
    expect(await codeOf(home.presence.enter())).toBe(40160)
    expect(await codeOf(client.channels.get('syncline:talk/secret').attach())).toBe(40160)
    expect(await codeOf(client.channels.get('syncline:$wake:another').attach())).toBe(40160)
    expect(client.connection.state).toBe('connected')
  })

  test('what another publishes on the channel is never a message of the hub', async () => {
    const world = await startWorld()
    const { room, errors } = await world.client()
    const home = room()
    await home.live()
    await world.say('of the hub')
    await home.heard(1)
    const { epoch } = home.channel.state$.get().position!
    const channel = world.rest.channels.get('syncline:talk/home')
    const headers = { epoch, seq: 2, id: 'forged', timestamp: 0 }
    await channel.publish({ name: 'said', data: 'forged', extras: { headers } })
    await channel.publish({ name: 'said', data: 'forged', clientId: 'u:mallory', extras: { headers } })
    await channel.publish({ name: 'said', data: 'forged', clientId: 'syncline' })
    await world.say('of the hub again')
    await home.heard(2)
    expect(home.data()).toEqual(['of the hub', 'of the hub again'])
    expect(errors.values).toEqual([])
  })

  test('revoking a person ends what Ably lets them hear, also for a client that will not go', async () => {
    const world = await startWorld()
    const { client } = await openHostile(world, ['talk/home'])
    const heard: unknown[] = []
    await client.channels.get('syncline:talk/home').subscribe(({ data }) => heard.push(data))
    await world.say('before')
    await eventually(() => heard.length === 1)
    const gone = new Promise<Ably.ConnectionStateChange>((resolve) =>
      client.connection.once('disconnected', resolve),
    )
    world.hub.revoke({ subject: 'ada' })
    expect((await gone).reason?.code).toBe(40141)
    await world.say('after')
    expect(heard).toEqual(['before'])
  })

  test('a room that is closed to one is refused, and the others go on', async () => {
    const world = await startWorld()
    world.closed.add('secret')
    const { room, statuses } = await world.client()
    const [home, secret] = [room(), room('secret')]
    await home.live()
    const state = await until(secret.channel.state$, ({ phase }) => phase === 'refused')
    expect(state.error?.code).toBe('forbidden')
    world.closed.add('home')
    world.hub.revoke({ subject: 'ada', channel: 'talk/home' })
    await until(home.channel.state$, ({ phase }) => phase === 'refused')
    const other = room('other')
    await other.live()
    await world.say('heard', 'other')
    await other.heard(1)
    expect(statuses.values.map(({ at }) => at)).toEqual(undisturbed)
  })

  test('a key that may not serve the channels refuses the room, not the client', async () => {
    const key = 'emulator.key:secret'
    const capability = { 'syncline:$wake:*': ['*'], 'syncline:talk/open': ['*'] }
    const world = await startWorld({ emulator: { keys: [{ key, capability }] } })
    const { room, client } = await world.client()
    const state = await until(room('closed').channel.state$, ({ phase }) => phase === 'refused')
    expect(state.error?.code).toBe('forbidden')
    await room('open').live()
    expect(client.status$.get().at).toBe('connected')
  })
})
