import { createDefaultEnvironment, type Opening, type TransportEvent } from '@syncline/core'
import type { PusherEmulator } from '@syncline/emulator'
import { eventually } from '@syncline/testing'
import { messages, startSilence, unusedUrl, watch } from '@syncline/testing/adapter'
import PusherDefault from 'pusher-js'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type PusherOptions, pusher } from '../src/index.ts'
import { createSdk } from '../src/sdk/create-sdk.ts'
import { clientOptions, createServerSdk, startEmulator, startStub } from './servers.ts'

const Client = PusherDefault as unknown as typeof PusherDefault.default

const opening: Opening = { token: 'token', frames: [{ type: 'hello', version: 1, client: 'c1' }] }
const join = { type: 'join', channel: 'todos' } as const

type Frames = Extract<TransportEvent, { type: 'frames' }>

const isOpen = (event: TransportEvent) => event.type === 'open'
const isFrames = (event: TransportEvent) => event.type === 'frames'
const hasFrame =
  (type: string) =>
  (event: TransportEvent): event is Frames =>
    event.type === 'frames' && event.frames.some((frame) => (frame as { type: string }).type === type)

const openSession = (url: string, emulator: PusherEmulator, options: Partial<PusherOptions> = {}) => {
  const session = pusher(url, { ...clientOptions(emulator), ...options }).open(createDefaultEnvironment())
  onTestFinished(() => session.dispose())
  return session
}

const channelsAt = (emulator: PusherEmulator) =>
  emulator.connections().flatMap(({ channels }) => channels.map((name) => name.replace(/wake-.*/, 'wake')))

describe('an attempt', () => {
  test('opens, signs in, and can be woken alone', async () => {
    const emulator = await startEmulator()
    const { url, hub } = await startStub(emulator)
    const link = watch(openSession(url, emulator).attempt(opening))
    expect(await link.until(isOpen)).toMatchObject({ continuity: 'lost' })
    await link.until(hasFrame('welcome'))
    expect(hub.links[0]?.opening).toMatchObject({ token: 'token', frames: opening.frames })
    await eventually(() => emulator.connections()[0]?.userId !== undefined)
    const [connection] = emulator.connections()
    // Neither the person nor the secret session can be read from what Pusher sees.
    expect(connection?.userId).toMatch(/^[\w-]{43}$/)
    await eventually(() => channelsAt(emulator).includes('private-syncline_wake'))
    hub.links[0]?.peer.send(messages('todos', 1, 'for one'))
    expect(await link.until(hasFrame('messages'))).toEqual({
      type: 'frames',
      frames: [messages('todos', 1, 'for one').frame],
    })
  })

  test('a join goes up once the channel is subscribed, and other frames at once', async () => {
    const emulator = await startEmulator()
    const { url, hub, gateway } = await startStub(emulator)
    const link = watch(openSession(url, emulator).attempt(opening))
    const { send } = await link.until(isOpen)
    const subscribedWhen: boolean[] = []
    hub.links[0]!.received.push = function (...frames: unknown[]) {
      for (const frame of frames)
        if ((frame as { type: string }).type === 'join')
          subscribedWhen.push(channelsAt(emulator).includes('private-syncline-todos'))
      return Array.prototype.push.apply(this, frames)
    }
    emulator.faults.delay(20)
    send([join, { type: 'ping' }])
    await eventually(() => hub.links[0]?.received.length === 2)
    expect([...hub.links[0]!.received]).toEqual([{ type: 'ping' }, join])
    expect(subscribedWhen).toEqual([true])
    emulator.faults.delay(0)
    await gateway.publish?.('todos', messages('todos', 1, 'for all'))
    expect(await link.until(hasFrame('messages'))).toEqual({
      type: 'frames',
      frames: [messages('todos', 1, 'for all').frame],
    })
  })

  test('joins of the opening wait for their subscription as well', async () => {
    const emulator = await startEmulator()
    const { url, hub } = await startStub(emulator)
    watch(openSession(url, emulator).attempt({ ...opening, frames: [...opening.frames, join] }))
    await eventually(() => hub.links[0]?.received.length === 1)
    expect(hub.links[0]?.opening.frames).toEqual(opening.frames)
    expect(hub.links[0]?.received).toEqual([join])
    expect(channelsAt(emulator)).toContain('private-syncline-todos')
  })

  test('leaves, joins again, and leaves before the subscription stands', async () => {
    const emulator = await startEmulator()
    const { url, hub } = await startStub(emulator)
    const link = watch(openSession(url, emulator).attempt(opening))
    const { send } = await link.until(isOpen)
    const leave = { type: 'leave', channel: 'todos' } as const
    send([join, leave])
    send([join])
    await eventually(() => hub.links[0]?.received.length === 2)
    send([leave])
    await eventually(() => hub.links[0]?.received.length === 3)
    expect(hub.links[0]?.received).toEqual([leave, join, leave])
    await eventually(() => !channelsAt(emulator).includes('private-syncline-todos'))
    send([join, join])
    await eventually(() => hub.links[0]?.received.length === 4)
    expect(channelsAt(emulator).filter((name) => name === 'private-syncline-todos')).toHaveLength(1)
  })

  test('what the hub does not grant is not subscribed: the hub says why', async () => {
    const emulator = await startEmulator()
    const { url, hub } = await startStub(emulator, {
      grant: (_, channel) => {
        if (channel === 'secret') throw new Error('no')
        return { subject: 'ada', expiresAt: undefined }
      },
    })
    const link = watch(openSession(url, emulator).attempt(opening))
    const { send } = await link.until(isOpen)
    send([{ type: 'join', channel: 'secret' }, join])
    await eventually(() => hub.links[0]?.received.length === 2)
    expect(channelsAt(emulator).sort()).toEqual(
      expect.arrayContaining(['private-syncline-todos', 'private-syncline_wake']),
    )
    expect(channelsAt(emulator)).not.toContain('private-syncline-secret')
  })

  test('a refused frame ends the subscription', async () => {
    const emulator = await startEmulator()
    const { url, hub } = await startStub(emulator)
    const link = watch(openSession(url, emulator).attempt(opening))
    const { send } = await link.until(isOpen)
    send([join])
    await eventually(() => channelsAt(emulator).includes('private-syncline-todos'))
    const { outgoing } = await import('@syncline/testing/adapter')
    hub.links[0]?.peer.send(outgoing({ type: 'refused', channel: 'todos', error: { code: 'revoked' } }))
    await eventually(() => !channelsAt(emulator).includes('private-syncline-todos'))
  })

  test('a channel whose name is too long for Pusher is refused', async () => {
    const emulator = await startEmulator()
    const { url, hub } = await startStub(emulator)
    const link = watch(openSession(url, emulator).attempt(opening))
    const { send } = await link.until(isOpen)
    send([{ type: 'join', channel: 'a'.repeat(160) }])
    expect(await link.until(hasFrame('refused'))).toMatchObject({
      frames: [{ type: 'refused', channel: 'a'.repeat(160), error: { code: 'invalid-channel' } }],
    })
    expect(hub.links[0]?.received).toEqual([])
  })

  test('takes frames from the hub only: what clients send one another is nothing', async () => {
    const emulator = await startEmulator()
    const { url, gateway } = await startStub(emulator)
    const link = watch(openSession(url, emulator).attempt(opening))
    const { send } = await link.until(isOpen)
    send([join])
    await eventually(() => channelsAt(emulator).includes('private-syncline-todos'))
    const server = createServerSdk(emulator)
    const other = new Client('key', {
      cluster: 'mt1',
      wsHost: emulator.host,
      wsPort: emulator.port,
      forceTLS: false,
      enabledTransports: ['ws'],
      channelAuthorization: {
        customHandler: ({ socketId, channelName }, callback) =>
          callback(null, server.authorizeChannel(socketId, channelName)),
      },
    })
    onTestFinished(() => other.disconnect())
    const channel = other.subscribe('private-syncline-todos')
    await new Promise((resolve) => channel.bind('pusher:subscription_succeeded', resolve))
    const forged = messages('todos', 9, 'forged').frame
    channel.trigger('client-syncline', forged)
    channel.trigger('client-', forged)
    // Not even an event of the app's own server, by another name.
    await server.trigger('private-syncline-todos', 'created', forged)
    await gateway.publish?.('todos', messages('todos', 1, 'true'))
    await link.until(hasFrame('messages'))
    expect(link.events.filter(hasFrame('messages'))).toEqual([
      { type: 'frames', frames: [messages('todos', 1, 'true').frame] },
    ])
  })

  test('the SDK keeps no hold of its client', async () => {
    const emulator = await startEmulator()
    const { url } = await startStub(emulator)
    const before = Client.instances.length
    await watch(openSession(url, emulator).attempt(opening)).until(isOpen)
    expect(Client.instances).toHaveLength(before)
  })

  test('another build of pusher-js can be given', async () => {
    const emulator = await startEmulator()
    const { url } = await startStub(emulator)
    const keys: string[] = []
    const sdk: PusherOptions['sdk'] = (key, options) => {
      keys.push(key)
      return new Client(key, options)
    }
    const session = openSession(url, emulator, { sdk })
    expect(keys).toEqual([])
    await watch(session.attempt(opening)).until(isOpen)
    expect(keys).toEqual(['key'])
  })

  test('a half-open link is looked for more often than by default, unless said otherwise', async () => {
    const emulator = await startEmulator()
    const { url } = await startStub(emulator)
    const given: unknown[] = []
    const sdk: PusherOptions['sdk'] = (key, options) => {
      given.push([options.activityTimeout, options.pongTimeout])
      return new Client(key, options)
    }
    await watch(openSession(url, emulator, { sdk }).attempt(opening)).until(isOpen)
    await watch(openSession(url, emulator, { sdk, activityTimeout: 5_000 }).attempt(opening)).until(isOpen)
    expect(given).toEqual([
      [20_000, 10_000],
      [5_000, 10_000],
    ])
  })

  test('needs a key', () => {
    expect(() => pusher('/syncline', {} as never)).toThrow(TypeError)
  })
})

describe('how attempts end', () => {
  test.each([
    [4001, 'provider-refused', undefined],
    [4003, 'provider-refused', undefined],
    [4004, 'too-many-connections', 30_000],
    [4005, 'provider-refused', undefined],
    [4006, 'protocol-version', undefined],
    [4007, 'protocol-version', undefined],
    [4000, 'provider-refused', undefined],
    [4100, 'transport-failed', 1_500],
    [4200, 'transport-failed', undefined],
    [4999, 'transport-failed', undefined],
  ])('turned away with %i: %s', async (close, code, retryAfter) => {
    const emulator = await startEmulator()
    const { url } = await startStub(emulator)
    emulator.faults.reject(close, 'no')
    const error = await watch(openSession(url, emulator).attempt(opening)).failure
    expect(error).toMatchObject({ code })
    expect(error.retryAfter).toBe(retryAfter)
    expect(error.detail).toBe(`Pusher: {"code":${close},"message":"no"}`)
  })

  test('a key that Pusher does not know', async () => {
    const emulator = await startEmulator()
    const { url } = await startStub(emulator)
    const { failure } = watch(openSession(url, emulator, { key: 'other' }).attempt(opening))
    expect(await failure).toMatchObject({ code: 'provider-refused' })
  })

  test.each(['refused', 'silent', 'absent'] as const)('a Pusher that is %s', async (how) => {
    const emulator = await startEmulator()
    const { url } = await startStub(emulator)
    if (how === 'refused') emulator.faults.refuse(true)
    const place =
      how === 'silent' ? (await startSilence()).url : how === 'absent' ? await unusedUrl() : undefined
    const { failure } = watch(
      openSession(url, emulator, {
        unavailableTimeout: 100,
        ...(place && { wsPort: Number(new URL(place).port) }),
      }).attempt(opening),
    )
    expect(await failure).toMatchObject({
      code: 'transport-failed',
      detail: 'Pusher: unavailable',
    })
  })

  test('one that reaches nobody is given up before core gives it up, unless said otherwise', () => {
    for (const [given, milliseconds] of [
      [{}, 7_000],
      [{ unavailableTimeout: 700 }, 700],
    ] as const) {
      const sdk = createSdk({ key: 'key', ...given }, {})
      onTestFinished(() => sdk.disconnect())
      expect(sdk.config.unavailableTimeout).toBe(milliseconds)
    }
  })

  test('a hub that is not there, or answers nothing of ours', async () => {
    const emulator = await startEmulator()
    const { failure } = watch(openSession(await unusedUrl(), emulator).attempt(opening))
    expect(await failure).toMatchObject({ code: 'transport-failed' })
    const { url } = await startStub(emulator)
    const lost = watch(openSession(`${url}/elsewhere`, emulator).attempt(opening))
    expect(await lost.failure).toMatchObject({ code: 'not-found' })
  })

  test('a bye in place of a welcome', async () => {
    const emulator = await startEmulator()
    const { outgoing } = await import('@syncline/testing/adapter')
    const { url } = await startStub(emulator, {
      connect: ({ peer }) => {
        peer.send(outgoing({ type: 'bye', error: { code: 'unauthenticated' } }))
        peer.close()
      },
    })
    const link = watch(openSession(url, emulator).attempt(opening))
    expect(await link.failure).toMatchObject({ code: 'unauthenticated' })
    expect(link.events).toEqual([
      { type: 'frames', frames: [{ type: 'bye', error: { code: 'unauthenticated' } }] },
    ])
    await eventually(() => emulator.connections().length === 0)
  })

  test('a link that is cut, and the next attempt of the same session', async () => {
    const emulator = await startEmulator()
    const { url, hub } = await startStub(emulator)
    const session = openSession(url, emulator)
    const first = watch(session.attempt(opening))
    const { send } = await first.until(isOpen)
    send([join])
    await eventually(() => hub.links[0]?.received.length === 1)
    emulator.faults.drop()
    expect(await first.failure).toMatchObject({ code: 'transport-failed' })
    const second = watch(session.attempt(opening))
    expect(await second.until(isOpen)).toMatchObject({ continuity: 'lost' })
    await eventually(() => channelsAt(emulator).length > 1)
    // The SDK would have subscribed again by itself what is not asked for yet.
    expect(channelsAt(emulator)).not.toContain('private-syncline-todos')
    await eventually(() => hub.links[0]?.closed === true)
  })

  test.each([4200, 4100, 1000, 1006, 1002])(
    'closed with %i, pusher-js does not come back by itself',
    async (code) => {
      const emulator = await startEmulator()
      const { url } = await startStub(emulator)
      let client: InstanceType<typeof Client> | undefined
      const sdk: PusherOptions['sdk'] = (key, options) => {
        client = new Client(key, options)
        return client
      }
      const link = watch(openSession(url, emulator, { sdk }).attempt(opening))
      await link.until(hasFrame('welcome'))
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      onTestFinished(() => void vi.useRealTimers())
      if (code === 1006) emulator.faults.drop()
      else emulator.faults.close(code)
      expect(await link.failure).toMatchObject({ code: 'transport-failed' })
      // After some codes pusher-js sets timers of a second, and forgets one.
      await vi.advanceTimersByTimeAsync(60_000)
      vi.useRealTimers()
      expect(client?.connection.state).toBe('disconnected')
      await eventually(() => emulator.connections().length === 0)
    },
  )

  test('a half-open link at Pusher', async () => {
    const emulator = await startEmulator()
    const { url } = await startStub(emulator)
    const link = watch(
      openSession(url, emulator, { activityTimeout: 3_000, pongTimeout: 100 }).attempt(opening),
    )
    await link.until(hasFrame('welcome'))
    emulator.faults.silence()
    expect(await link.failure).toMatchObject({ code: 'transport-failed' })
  })

  test.each(['pusher:subscription_error', 'pusher:error'] as const)(
    'a signature that Pusher does not take, told as %s',
    async (refusals) => {
      const emulator = await startEmulator({ refusals })
      const { url } = await startStub(emulator, { sdk: { secret: 'guessed' } })
      const link = watch(openSession(url, emulator).attempt(opening))
      expect(await link.failure).toMatchObject({ code: 'transport-failed' })
      await eventually(() => emulator.connections().length === 0)
    },
  )

  test('a signature for a socket that is no more', async () => {
    const emulator = await startEmulator()
    const { url, server } = await startStub(emulator)
    const sign = server.authorizeChannel.bind(server)
    server.authorizeChannel = (_, channel) => sign('1.1', channel)
    const link = watch(openSession(url, emulator).attempt(opening))
    expect(await link.failure).toMatchObject({ code: 'transport-failed' })
    expect((await link.failure).detail).toContain("Hub's secret")
  })

  test('a hub with another secret', async () => {
    const emulator = await startEmulator()
    const { url } = await startStub(emulator, { sdk: { secret: 'other' } })
    const error = await watch(openSession(url, emulator).attempt(opening)).failure
    expect(error).toMatchObject({ code: 'transport-failed' })
    expect(error.detail).toMatch(/^Hub's secret: .*signature/i)
  })

  test('encrypted channels without what they take are not tried again', async () => {
    const emulator = await startEmulator()
    const { url } = await startStub(emulator, { encrypted: true })
    // Only the build for Node brings it along.
    const sdk: PusherOptions['sdk'] = (key, options) => {
      const client = new Client(key, options)
      client.config.nacl = undefined as never
      return client
    }
    const link = watch(
      openSession(url, emulator, { sdk }).attempt({ ...opening, frames: [...opening.frames, join] }),
    )
    expect(await link.failure).toMatchObject({ code: 'provider-refused' })
  })

  test('unsubscribing hangs up, at any moment', async () => {
    const emulator = await startEmulator()
    const { url, hub } = await startStub(emulator)
    const session = openSession(url, emulator)
    const link = watch(session.attempt(opening))
    const { send } = await link.until(isOpen)
    link.subscription.unsubscribe()
    send([{ type: 'ping' }])
    await eventually(() => hub.links[0]?.closed === true && emulator.connections().length === 0)
    expect(hub.links[0]?.received).toEqual([])
    session.attempt(opening).subscribe().unsubscribe()
    const again = watch(session.attempt(opening))
    await again.until(isFrames)
    expect(emulator.connections()).toHaveLength(1)
  })
})
