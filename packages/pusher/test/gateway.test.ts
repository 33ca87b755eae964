import { createVirtualTime, eventually } from '@syncline/testing'
import { createStubHub, messages } from '@syncline/testing/adapter'
import type Pusher from 'pusher'
import { describe, expect, onTestFinished, test } from 'vitest'
import { pusherGateway } from '../src/hub/index.ts'
import { createServerSdk, startEmulator, startStub } from './servers.ts'

const sized = (channel: string, bytes: number) => {
  const empty = messages(channel, 1, '').json.length
  return messages(channel, 1, 'x'.repeat(bytes - empty))
}

/** Counts what an SDK asks for. */
const spy = (server: Pusher) => {
  const asked: (readonly [string, number])[] = []
  const { trigger, triggerBatch } = server
  server.trigger = (channels: string | string[], event: string, data: unknown) => {
    asked.push(['trigger', [channels].flat().length])
    return trigger.call(server, channels, event, data)
  }
  server.triggerBatch = (batch) => {
    asked.push(['batch', batch.length])
    return triggerBatch.call(server, batch)
  }
  return asked
}

describe('publishing', () => {
  test('what is published within a turn goes in as few requests as Pusher allows', async () => {
    const emulator = await startEmulator()
    const { gateway, server } = await startStub(emulator)
    const asked = spy(server)
    const channels = Array.from({ length: 25 }, (_, index) => `c${index}`)
    await Promise.all(channels.map((channel) => gateway.publish?.(channel, messages(channel, 1, 'a'))))
    expect(asked).toEqual([
      ['batch', 10],
      ['batch', 10],
      ['batch', 5],
    ])
    await gateway.publish?.('c1', messages('c1', 2, 'alone'))
    expect(asked.at(-1)).toEqual(['trigger', 1])
  })

  test('what comes while requests are on their way gathers', async () => {
    const emulator = await startEmulator()
    const { gateway, server } = await startStub(emulator)
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const { trigger } = server
    server.trigger = async (channels: string | string[], event: string, data: unknown) => {
      await gate
      return trigger.call(server, channels, event, data)
    }
    const asked = spy(server)
    const all: (Promise<void> | undefined)[] = []
    for (let index = 0; index < 12; index++) {
      all.push(gateway.publish?.(`c${index}`, messages(`c${index}`, 1, 'a')))
      await new Promise((resolve) => setImmediate(resolve))
    }
    release()
    await Promise.all(all)
    const alone = ['trigger', 1]
    expect(asked).toEqual([alone, alone, alone, alone, ['batch', 8]])
  })

  test('many are woken by one request, up to the 100 channels that Pusher takes', async () => {
    const emulator = await startEmulator()
    const { hub, server, url } = await startStub(emulator)
    for (let client = 0; client < 130; client++)
      await fetch(`${url}/pusher`, {
        method: 'POST',
        body: JSON.stringify({ frames: [{ type: 'hello', version: 1, client: `c${client}` }] }),
      })
    const asked = spy(server)
    for (const { peer } of hub.links) peer.send(messages('todos', 1, 'for one'))
    await eventually(() => asked.length === 2)
    expect(asked).toEqual([
      ['trigger', 100],
      ['trigger', 30],
    ])
  })

  test('who is to be woken does not wait for all that is published', async () => {
    const emulator = await startEmulator()
    const { hub, gateway, server, url } = await startStub(emulator)
    await fetch(`${url}/pusher`, {
      method: 'POST',
      body: JSON.stringify({ frames: [{ type: 'hello', version: 1, client: 'c1' }] }),
    })
    // A provider so slow that what is published never comes to its end.
    server.triggerBatch = () => new Promise(() => {})
    const asked = spy(server)
    for (let channel = 0; channel < 60; channel++)
      gateway.publish?.(`c${channel}`, messages(`c${channel}`, 1, 'a'))?.catch(() => {})
    hub.links[0]?.peer.send(messages('todos', 1, 'for one'))
    await eventually(() => asked.some(([how]) => how === 'trigger'))
    expect(asked.filter(([how]) => how === 'batch')).toHaveLength(4)
  })

  test('10,240 bytes are taken, and one more is too large, without a request', async () => {
    const emulator = await startEmulator()
    const { gateway, server } = await startStub(emulator)
    const asked = spy(server)
    await gateway.publish?.('todos', sized('todos', 10_240))
    await expect(gateway.publish?.('todos', sized('todos', 10_241))).rejects.toMatchObject({
      code: 'too-large',
    })
    expect(asked).toHaveLength(1)
  })

  test('the size of what is encrypted is known before', async () => {
    const emulator = await startEmulator()
    const { gateway, server } = await startStub(emulator, { encrypted: true })
    let largest = 10_240
    const asked = spy(server)
    for (; largest > 7_000; largest--) {
      const taken = await gateway.publish?.('todos', sized('todos', largest)).then(
        () => true,
        (error) => {
          expect(error).toMatchObject({ code: 'too-large' })
          return false
        },
      )
      if (taken) break
    }
    // Pusher itself would have refused three bytes more, and was never asked to.
    expect(asked).toEqual([['trigger', 1]])
    await expect(
      server.trigger('private-encrypted-syncline-todos', 'syncline', sized('todos', largest + 3).frame),
    ).rejects.toMatchObject({ status: 413 })
  })

  test('one event that Pusher refuses does not take the others of its batch along', async () => {
    const emulator = await startEmulator({ limits: { eventBytes: 300 } })
    const { gateway } = await startStub(emulator)
    const results = await Promise.allSettled([
      gateway.publish?.('a', messages('a', 1, 'a')),
      gateway.publish?.('b', sized('b', 400)),
      gateway.publish?.('c', messages('c', 1, 'a')),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: { code: 'too-large' } })
  })

  test.each([
    [429, 'rate-limited'],
    [500, 'transport-failed'],
    [503, 'transport-failed'],
    [403, 'provider-refused'],
    [413, 'too-large'],
    [0, 'transport-failed'],
  ])('an answer of %i is %s', async (status, code) => {
    const emulator = await startEmulator()
    const { gateway } = await startStub(emulator)
    emulator.faults.failRest({ status })
    await expect(gateway.publish?.('todos', messages('todos', 1, 'a'))).rejects.toMatchObject({ code })
    await gateway.publish?.('todos', messages('todos', 1, 'a'))
  })

  test.each([
    ['another secret', { secret: 'guessed' }],
    ['another key', { key: 'other' }],
    ['another app', { appId: 'other' }],
  ])('%s is refused by Pusher', async (_, sdk) => {
    const emulator = await startEmulator()
    const { gateway } = await startStub(emulator, { sdk })
    await expect(gateway.publish?.('todos', messages('todos', 1, 'a'))).rejects.toMatchObject({
      code: 'provider-refused',
    })
  })

  test('a request that is never answered is given up', async () => {
    const time = createVirtualTime()
    const emulator = await startEmulator()
    const { gateway, server } = await startStub(emulator, { environment: time.environment })
    server.trigger = () => new Promise(() => {})
    const published = gateway.publish?.('todos', messages('todos', 1, 'a'))
    published?.catch(() => {})
    await new Promise((resolve) => setImmediate(resolve))
    await time.advance(10_000)
    await expect(published).rejects.toMatchObject({ code: 'transport-failed' })
    expect(time.timers).toBe(0)
  })

  test('nobody can be on a channel that has no name at Pusher', async () => {
    const emulator = await startEmulator()
    const { gateway, server } = await startStub(emulator)
    const asked = spy(server)
    await gateway.publish?.('a'.repeat(180), messages('a', 1, 'a'))
    expect(asked).toEqual([])
  })
})

describe('actions', () => {
  const open = async (url: string, token = 'token') => {
    const ask = async (path: string, body: object) => {
      const response = await fetch(`${url}/pusher${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      })
      return [response.status, await response.json()] as const
    }
    const [, opened] = await ask('', { frames: [{ type: 'hello', version: 1, client: 'c1' }] })
    const { session, wake } = opened as Record<string, string>
    return { ask, session, wake }
  }

  test('sign for one socket and for granted channels only', async () => {
    const emulator = await startEmulator()
    const { url, server } = await startStub(emulator, {
      grant: (_, channel) => {
        if (channel === 'secret') throw new Error('no')
        return { subject: 'ada', expiresAt: undefined }
      },
    })
    const { ask, session, wake } = await open(url)
    const channels = ['todos', 'secret', 'board/a%2Fb', 7, 'a'.repeat(201), 'a'.repeat(180)]
    const signed = (name: string) => ({ name, ...server.authorizeChannel('1.2', name) })
    expect(await ask('/authorize', { session, socket: '1.2', channels })).toEqual([
      200,
      {
        channels: [
          signed('private-syncline-todos'),
          null,
          signed('private-syncline-board;a,2Fb'),
          null,
          null,
          { error: { code: 'invalid-channel', detail: expect.any(String) } },
        ],
      },
    ])
    expect(await ask('/sign-in', { session, socket: '1.2' })).toMatchObject([
      200,
      { wake: signed(`private-syncline_wake-${wake}`) },
    ])
  })

  test('refuse what is no socket, and names that are none', async () => {
    const emulator = await startEmulator()
    const { url } = await startStub(emulator)
    const { ask, session } = await open(url)
    for (const body of [
      { channels: [] },
      { socket: 7, channels: [] },
      { socket: '1.2:private-other', channels: [] },
      { socket: '1.2', channels: 'todos' },
    ])
      expect(await ask('/authorize', { session, ...body })).toMatchObject([
        400,
        { error: { code: 'malformed-frame' } },
      ])
    expect(await ask('/sign-in', { session, socket: '1' })).toMatchObject([400, {}])
  })

  test('sign no more channels than a session may join: the hub refuses the others', async () => {
    const emulator = await startEmulator()
    let asked = 0
    const { url, hub } = await startStub(emulator, {
      grant: (_, channel) => {
        if (channel !== undefined) asked++
        return { subject: 'ada', expiresAt: undefined }
      },
    })
    const { ask, session } = await open(url)
    const most = hub.limits.channels
    const channels = Array.from({ length: most + 2 }, (_, index) => `c${index}`)
    const [, answer] = await ask('/authorize', { session, socket: '1.2', channels })
    const signed = (answer as { channels: ({ name: string } | null)[] }).channels
    expect(signed.slice(-3)).toEqual([expect.objectContaining({ name: expect.any(String) }), null, null])
    expect([signed.length, asked]).toEqual([most + 2, most])
  })

  test('do nothing for who knows the session, and not its token', async () => {
    const emulator = await startEmulator()
    const { url } = await startStub(emulator)
    const { session } = await open(url)
    const { ask } = await open(url, 'another')
    const body = { session, socket: '1.2', channels: ['todos'] }
    expect(await ask('/authorize', body)).toMatchObject([401, { error: { code: 'unauthenticated' } }])
  })
})

test('encrypting needs a master key, and says so at once', async () => {
  const emulator = await startEmulator()
  const pusher = createServerSdk(emulator, { encryptionMasterKeyBase64: undefined })
  expect(() => pusherGateway({ pusher, encrypted: true })).toThrow(
    expect.objectContaining({ code: 'provider-refused' }),
  )
})

test('a stopped gateway takes nobody, and what it does comes to its end', async () => {
  const emulator = await startEmulator()
  const gateway = pusherGateway({ pusher: createServerSdk(emulator) })
  gateway.start(createStubHub())
  onTestFinished(() => gateway.stop())
  const published = gateway.publish?.('todos', messages('todos', 1, 'a'))
  await gateway.stop()
  await published
  const request = new Request('http://hub/syncline/pusher', { method: 'POST', body: '{"frames":[]}' })
  const response = await gateway.routes?.pusher?.(request)
  expect(response?.status).toBe(503)
})
