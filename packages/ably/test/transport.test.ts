import { createDefaultEnvironment, type TransportEvent } from '@syncline/core'
import { type ClientFrame, PROTOCOL_VERSION } from '@syncline/core/protocol'
import { createTcpProxy, eventually } from '@syncline/testing'
import { startSilence, unusedUrl, watch } from '@syncline/testing/adapter'
import * as Ably from 'ably'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createTransport } from '../src/create-transport.ts'
import { ably } from '../src/index.ts'
import { local } from './emulated.ts'
import { startWorld } from './world.ts'

const hello: ClientFrame = { type: 'hello', version: PROTOCOL_VERSION, client: 'c1' }
const join: ClientFrame = { type: 'join', channel: 'talk/home' }
const isOpen = (event: TransportEvent) => event.type === 'open'
const hasFrame =
  (kind: string) =>
  (event: TransportEvent): event is TransportEvent =>
    event.type === 'frames' && event.frames.some((frame) => (frame as { type: string }).type === kind)

type Wrap = (realtime: Ably.Realtime) => Ably.RealtimeClient

/** A session at a hub and an emulator, with a proxy before the emulator and the SDK's client at hand. */
const openSession = async (
  options: Parameters<typeof startWorld>[0] = {},
  wrap: Wrap = (realtime) => realtime,
) => {
  const world = await startWorld(options)
  const proxy = await createTcpProxy({ target: () => world.emulator.port })
  onTestFinished(() => proxy.close())
  let realtime: Ably.Realtime | undefined
  const settings = { ...local({ host: '127.0.0.1', port: proxy.port }), useBinaryProtocol: false }
  const transport = createTransport(`${world.url}/`, settings, (given) => {
    realtime = new Ably.Realtime(given)
    return wrap(realtime)
  })
  const session = transport.open(createDefaultEnvironment())
  onTestFinished(() => session.dispose())
  const dial = (...frames: ClientFrame[]) => {
    const link = watch(session.attempt({ token: 'ada', frames: [hello, ...frames] }))
    onTestFinished(() => link.subscription.unsubscribe())
    return link
  }
  return { world, proxy, session, dial, sdk: () => realtime as Ably.Realtime }
}

describe('continuity', () => {
  test('is unknown at first, and resumed on the same connection after any number of attempts', async () => {
    const { world, dial, sdk } = await openSession()
    const first = dial(join)
    expect(await first.until(isOpen)).toMatchObject({ continuity: 'unknown' })
    await first.until(hasFrame('joined'))
    const { id } = sdk().connection
    first.subscription.unsubscribe()
    for (let attempt = 1; attempt <= 3; attempt++) {
      await world.say(attempt)
      const again = dial()
      expect(await again.until(isOpen)).toMatchObject({ continuity: 'resumed' })
      // What was missed comes by itself, after the welcome.
      await again.until(hasFrame('messages'))
      expect(again.events.findIndex(hasFrame('welcome'))).toBe(1)
      expect(sdk().connection.id).toBe(id)
      const joined = again.until(hasFrame('joined'))
      ;(again.events.find(isOpen) as Extract<TransportEvent, { type: 'open' }>).send([join])
      await joined
      again.subscription.unsubscribe()
    }
  })

  test('is lost with the connection', async () => {
    const { world, dial, sdk } = await openSession()
    const first = dial(join)
    await first.until(hasFrame('joined'))
    const { id } = sdk().connection
    first.subscription.unsubscribe()
    world.emulator.faults.loseContinuity()
    expect(await dial().until(isOpen)).toMatchObject({ continuity: 'lost' })
    expect(sdk().connection.id).not.toBe(id)
  })

  test('is lost with a channel that Ably could not go on with', async () => {
    const { world, dial, sdk } = await openSession({ emulator: { limits: { retainedMessages: 1 } } })
    const first = dial(join)
    await first.until(hasFrame('joined'))
    const { id } = sdk().connection
    first.subscription.unsubscribe()
    const channel = world.rest.channels.get('syncline:talk/home')
    for (const data of ['a', 'b', 'c']) await channel.publish('other', data)
    expect(await dial().until(isOpen)).toMatchObject({ continuity: 'lost' })
    expect(sdk().connection.id).toBe(id)
  })
})

describe('hanging up', () => {
  test('lets go of the network, and the SDK does not dial by itself', async () => {
    const { proxy, dial, sdk } = await openSession()
    const link = dial(join)
    await link.until(hasFrame('joined'))
    link.subscription.unsubscribe()
    await eventually(() => proxy.connections === 0)
    // As the SDK does when a browser says that it is online.
    sdk().connection.connect()
    await eventually(() => sdk().connection.state !== 'connecting')
    await eventually(() => proxy.connections === 0)
    expect(sdk().connection.state).not.toBe('connected')
    expect(await dial().until(isOpen)).toMatchObject({ continuity: 'resumed' })
  })

  test('in the middle of an attempt leaves nothing behind', async () => {
    const { world, proxy, dial, sdk } = await openSession()
    // What Ably says comes so late that each moment is there to be seen.
    world.emulator.faults.delay(100)
    const moments = [
      () => true,
      () => sdk()?.connection.state === 'connecting',
      () => proxy.connections > 0,
      () => sdk().connection.state === 'connected',
    ]
    for (const moment of moments) {
      const link = dial(join)
      await eventually(moment)
      expect(link.events.filter(hasFrame('joined'))).toEqual([])
      link.subscription.unsubscribe()
      await eventually(() => proxy.connections === 0)
    }
    world.emulator.faults.clear()
    await dial(join).until(hasFrame('joined'))
  })

  test('does with what is public where the SDK has changed inside: continuity is lost, nothing else', async () => {
    const { proxy, dial } = await openSession({}, (realtime) => {
      const { connection } = realtime
      const own = {
        on: connection.on.bind(connection),
        connect: () => connection.connect(),
        close: () => connection.close(),
        get state() {
          return connection.state
        },
        get id() {
          return connection.id
        },
      }
      return {
        auth: realtime.auth,
        channels: realtime.channels,
        close: () => realtime.close(),
        connection: own,
      } as never
    })
    const first = dial(join)
    await first.until(hasFrame('joined'))
    first.subscription.unsubscribe()
    await eventually(() => proxy.connections === 0)
    const again = dial(join)
    await again.until(hasFrame('joined'))
    again.subscription.unsubscribe()
  })

  test('disposing frees everything', async () => {
    const { session, proxy, dial, sdk } = await openSession()
    await dial(join).until(hasFrame('joined'))
    session.dispose()
    await eventually(() => proxy.connections === 0)
    expect(sdk().connection.state).toBe('closed')
  })
})

describe('channels', () => {
  test('that are left are detached; those that are wanted again at once are not lost', async () => {
    const { world, dial, sdk } = await openSession()
    const link = dial(join)
    await link.until(hasFrame('joined'))
    const { send } = await link.until(isOpen)
    for (let round = 0; round < 3; round++) send([{ type: 'leave', channel: 'talk/home' }, join])
    const joins = () => link.events.filter(hasFrame('joined')).length
    await eventually(() => joins() >= 2)
    await world.say('heard')
    await link.until(hasFrame('messages'))
    send([{ type: 'leave', channel: 'talk/home' }])
    const names = () => Object.keys((sdk().channels as unknown as { all: object }).all)
    await eventually(() => names().length === 1)
    expect(names()[0]).toContain('$wake')
  })

  test('that nobody wants after a reconnection are let go of with it', async () => {
    const { dial, sdk } = await openSession()
    const first = dial(join)
    await first.until(hasFrame('joined'))
    first.subscription.unsubscribe()
    const second = dial()
    await second.until(isOpen)
    second.subscription.unsubscribe()
    await dial().until(isOpen)
    const names = Object.keys((sdk().channels as unknown as { all: object }).all)
    expect(names.filter((name) => !name.includes('$wake'))).toEqual([])
  })
})

test('an attempt that is over asks for nothing more, whatever it still waited for', async () => {
  let sent: Promise<unknown> | undefined
  const { proxy, dial } = await openSession({}, (realtime) => {
    realtime.connection.once('connected', () => {
      // Nothing is answered to what it sends now: the channel that wakes it, and the token for the one that it joins.
      proxy.pause('down')
      sent = Promise.all([proxy.passed('up'), proxy.passed('up')])
    })
    return realtime
  })
  const first = dial(join)
  await eventually(() => sent)
  await sent
  first.subscription.unsubscribe()
  proxy.resume()
  const second = dial(join)
  const [joined, refused] = [hasFrame('joined'), hasFrame('refused')]
  await second.until((event): event is TransportEvent => joined(event) || refused(event))
  expect(second.events.filter(refused)).toEqual([])
})

test("the hub's last words come before the end that follows from them", async () => {
  const { world, dial } = await openSession()
  const link = dial()
  const { send } = await link.until(isOpen)
  // So that the refusal of a token is there before the wake.
  world.emulator.faults.delay(500)
  send([{ type: 'auth', token: 'eve' }])
  await link.failure
  expect(link.events.filter(hasFrame('bye'))).toHaveLength(1)
})

describe('an attempt that reaches nobody', () => {
  test('at the hub says where and why', async () => {
    const url = await unusedUrl()
    const session = ably(`${url}/syncline`, local({ host: '127.0.0.1', port: 1 })).open(
      createDefaultEnvironment(),
    )
    onTestFinished(() => session.dispose())
    const error = await watch(session.attempt({ token: 'ada', frames: [hello] })).failure
    expect(error).toMatchObject({ code: 'transport-failed' })
  })

  test('at Ably hangs no longer than it is wanted', async () => {
    const world = await startWorld()
    const { url, sockets } = await startSilence()
    const place = { host: '127.0.0.1', port: Number(new URL(url).port) }
    const session = ably(world.url, local(place)).open(createDefaultEnvironment())
    onTestFinished(() => session.dispose())
    const link = watch(session.attempt({ token: 'ada', frames: [hello] }))
    await eventually(() => sockets.size > 0)
    link.subscription.unsubscribe()
    session.dispose()
    expect(link.events.filter(isOpen)).toEqual([])
  })
})
