import { createClient, type TransportEvent } from '@syncline/core'
import type { ClientFrame } from '@syncline/core/protocol'
import { createVirtualTime, eventually, until } from '@syncline/testing'
import { createStubHub, messages, outgoing, startSilence, unusedUrl, watch } from '@syncline/testing/adapter'
import { Manager } from 'socket.io-client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { socketIoGateway } from '../src/hub/index.ts'
import { type SocketIoOptions, socketIo } from '../src/index.ts'
import { plainSocketIo } from '../src/plain/index.ts'
import { startSocketIo } from './servers.ts'

const hello: ClientFrame = { type: 'hello', version: 1, client: 'c1' }
const opening = { token: 'secret', frames: [hello] }
const isOpen = (event: TransportEvent) => event.type === 'open'
const isFrames = (event: TransportEvent) => event.type === 'frames'

const openSession = (url: string, options?: SocketIoOptions) => {
  const session = socketIo(url, options).open(createVirtualTime().environment)
  onTestFinished(() => session.dispose())
  return session
}

const startHub = async (on?: Parameters<typeof createStubHub>[0], options = {}) => {
  const server = await startSocketIo(options)
  const hub = createStubHub(on)
  const gateway = socketIoGateway(server.io)
  gateway.start(hub)
  return { ...server, hub, gateway }
}

describe('the link', () => {
  test('the opening arrives with the token, the frames and the address, and not in the url', async () => {
    const { io, url, hub } = await startHub()
    const urls: (string | undefined)[] = []
    io.engine.on('initial_headers', (_headers, request) => urls.push(request.url))
    const link = watch(openSession(url).attempt(opening))
    expect(await link.until(isOpen)).toMatchObject({ continuity: 'unknown' })
    expect(hub.links[0]?.opening).toMatchObject({ token: 'secret', frames: [hello] })
    expect(hub.links[0]?.peer.address).toBe('127.0.0.1')
    expect(hub.links[0]?.opening.bytes).toBe(JSON.stringify([hello]).length)
    expect(urls.join()).not.toContain('secret')
  })

  test('frames go both ways in order, with their size', async () => {
    const { url, hub } = await startHub({ connect: ({ peer }) => peer.send(outgoing({ type: 'pong' })) })
    const link = watch(openSession(url).attempt(opening))
    const { send } = await link.until(isOpen)
    for (let index = 0; index < 50; index++) send([{ type: 'leave', channel: `ü${index}` }, { type: 'ping' }])
    const [end] = hub.links
    await eventually(() => end?.received.length === 100)
    expect(end?.received.filter((frame) => (frame as ClientFrame).type === 'leave')).toEqual(
      Array.from({ length: 50 }, (_, index) => ({ type: 'leave', channel: `ü${index}` })),
    )
    expect(end?.sizes[0]).toBe(
      Buffer.byteLength('2/syncline,["syncline",{"type":"leave","channel":"ü0"},{"type":"ping"}]'),
    )
    for (let seq = 1; seq <= 50; seq++) end?.peer.send(messages('todos', seq, { seq, text: 'größe 😀' }))
    await eventually(() => link.events.filter(isFrames).length === 51)
    const frames = link.events.filter(isFrames).flatMap((event) => event.frames)
    expect(frames[0]).toEqual({ type: 'pong' })
    expect(frames.slice(1)).toEqual(
      Array.from(
        { length: 50 },
        (_, index) => messages('todos', index + 1, { seq: index + 1, text: 'größe 😀' }).frame,
      ),
    )
  })

  test.each([
    ['websocket', {}, {}],
    ['polling', { transports: ['polling'] }, {}],
    ['polling with an upgrade', { transports: ['polling', 'websocket'] }, {}],
    ['compressed websocket', {}, { perMessageDeflate: { threshold: 0 } }],
  ] satisfies [string, SocketIoOptions, object][])(
    'frames of every size arrive over %s',
    async (_name, client, server) => {
      const { url, hub, gateway } = await startHub(undefined, server)
      const link = watch(openSession(url, client).attempt(opening))
      await link.until(isOpen)
      const sizes = [0, 1, 60, 125, 126, 65_000, 65_535, 65_536, 300_000]
      const peers = hub.links.map(({ peer }) => peer)
      for (const [index, size] of sizes.entries())
        gateway.deliver?.(peers, messages('todos', index + 1, 'x'.repeat(size)))
      await eventually(() => link.events.filter(isFrames).length === sizes.length)
      const lengths = link.events.filter(isFrames).map(({ frames }) => {
        const [frame] = frames as [{ messages: [[number, string, number, string, string]] }]
        return frame.messages[0][4].length
      })
      expect(lengths).toEqual(sizes)
      await eventually(() => hub.links[0]?.peer.busy === false)
      expect(hub.links[0]?.peer.bufferedBytes).toBe(0)
    },
  )

  test('an app that compresses keeps its compression', async () => {
    const { url, hub, gateway, sockets } = await startHub(undefined, { perMessageDeflate: { threshold: 0 } })
    const link = watch(openSession(url).attempt(opening))
    await link.until(isOpen)
    const [end] = hub.links
    gateway.deliver?.(end ? [end.peer] : [], messages('todos', 1, 'x'.repeat(300_000)))
    await link.until(isFrames)
    const written = [...sockets].reduce((sum, socket) => sum + socket.bytesWritten, 0)
    expect(written).toBeLessThan(30_000)
  })

  test('another parser on both ends still gets its frames', async () => {
    const parser = await import('./loud-parser.ts')
    const { url, hub, gateway } = await startHub(undefined, { parser })
    const link = watch(openSession(url, { parser }).attempt(opening))
    const { send } = await link.until(isOpen)
    send([{ type: 'ping' }])
    await eventually(() => hub.links[0]?.received.length === 1)
    gateway.deliver?.([hub.links[0]!.peer], messages('todos', 1, 'loud'))
    expect((await link.until(isFrames)).frames).toEqual([messages('todos', 1, 'loud').frame])
  })

  test('lives beside the handlers of an app on the same server', async () => {
    const { io, url, hub } = await startHub()
    const main: string[] = []
    io.on('connection', (socket) => main.push(socket.id))
    const link = watch(openSession(url).attempt(opening))
    await link.until(isOpen)
    expect(hub.links).toHaveLength(1)
    expect(main).toEqual([])
  })
})

describe('how attempts end', () => {
  test('a refused connection', async () => {
    const link = watch(openSession(await unusedUrl()).attempt(opening))
    const error = await link.failure
    expect(error.code).toBe('transport-failed')
    expect(error.cause).toBeInstanceOf(Error)
  })

  test('a server that never answers is left at once by unsubscribing', async () => {
    const { url, sockets } = await startSilence()
    const link = watch(openSession(url).attempt(opening))
    await eventually(() => sockets.size > 0)
    link.subscription.unsubscribe()
    await eventually(() => sockets.size === 0)
    expect(link.events).toEqual([])
  })

  test('a server that dies in the middle, and the next attempt of the same session', async () => {
    const { url, hub, kill } = await startHub()
    const session = openSession(url)
    const first = watch(session.attempt(opening))
    await first.until(isOpen)
    await kill()
    expect((await first.failure).code).toBe('transport-failed')
    expect(hub.links[0]?.closed).toBe(true)

    const again = await startSocketIo({}, Number(new URL(url).port))
    const secondHub = createStubHub()
    socketIoGateway(again.io).start(secondHub)
    const second = watch(session.attempt({ token: 'newer', frames: [hello, { type: 'ping' }] }))
    expect(await second.until(isOpen)).toMatchObject({ continuity: 'lost' })
    expect(secondHub.links[0]?.opening).toMatchObject({ token: 'newer', frames: [hello, { type: 'ping' }] })
  })

  test("Socket.IO's own recovery is told as resumed", async () => {
    const { io, url, hub, sockets } = await startHub(undefined, { connectionStateRecovery: {} })
    const session = openSession(url)
    const first = watch(session.attempt(opening))
    await first.until(isOpen)
    // It recovers only those to whom it broadcast something itself: that gives them an offset.
    io.of('/syncline').emit('syncline', { type: 'pong' })
    await first.until(isFrames)
    for (const socket of sockets) socket.resetAndDestroy()
    await first.failure
    const second = watch(session.attempt({ token: 'newer', frames: [hello] }))
    expect((await second.until(isOpen)).continuity).toBe('resumed')
    expect(hub.links[1]?.opening.token).toBe('newer')
  })

  test('what was sent to a link that had silently died is not sent again on the next', async () => {
    const { url, hub } = await startHub(undefined, { pingInterval: 20, pingTimeout: 20 })
    const session = openSession(url)
    const first = watch(session.attempt(opening))
    const { send } = await first.until(isOpen)
    // The process is asleep for longer than the pings: the SDK holds back what is sent then.
    const asleep = performance.now() + 100
    while (performance.now() < asleep);
    send([{ type: 'leave', channel: 'stale' }])
    await first.failure
    const second = watch(session.attempt(opening))
    const open = await second.until(isOpen)
    open.send([{ type: 'ping' }])
    await eventually(() => (hub.links[1]?.received.length ?? 0) > 0)
    expect(hub.links[1]?.received).toEqual([{ type: 'ping' }])
  })

  test('the hub hangs up after what it said', async () => {
    const { url, hub } = await startHub({
      connect: ({ peer }) => {
        peer.send(outgoing({ type: 'bye', error: { code: 'unauthenticated' } }))
        peer.close()
      },
    })
    const link = watch(openSession(url).attempt(opening))
    expect((await link.failure).code).toBe('transport-failed')
    expect(link.events.filter(isFrames)).toEqual([
      { type: 'frames', frames: [{ type: 'bye', error: { code: 'unauthenticated' } }] },
    ])
    await eventually(() => hub.links[0]?.closed === true)
  })

  test('unsubscribing hangs up and leaves no connection', async () => {
    const { url, hub, sockets } = await startHub()
    const link = watch(openSession(url).attempt(opening))
    const { send } = await link.until(isOpen)
    link.subscription.unsubscribe()
    send([{ type: 'ping' }])
    await eventually(() => hub.links[0]?.closed === true && sockets.size === 0)
    expect(hub.links[0]?.received).toEqual([])
  })

  test('a stopped gateway turns people away with a reason', async () => {
    const { url, gateway } = await startHub()
    await gateway.stop()
    const link = watch(openSession(url).attempt(opening))
    await link.failure
    expect(link.events.filter(isFrames)).toMatchObject([
      { frames: [{ type: 'bye', error: { code: 'hub-closing' } }] },
    ])
  })
})

describe('a slow reader', () => {
  test('is busy, has bytes waiting, and is said to be drained once it reads', async () => {
    const { url, hub, gateway, sockets } = await startHub()
    const link = watch(openSession(url).attempt(opening))
    await link.until(isOpen)
    const [end] = hub.links
    if (!end) throw new Error('no link')
    await eventually(() => !end.peer.busy)
    const before = end.drained
    // What goes in both directions through one process drains only when the client's half gets a turn.
    const text = 'x'.repeat(1_000_000)
    for (let seq = 1; seq <= 20; seq++) gateway.deliver?.([end.peer], messages('todos', seq, text))
    expect(end.peer.busy).toBe(true)
    expect(end.peer.bufferedBytes).toBeGreaterThan(10_000_000)
    await eventually(() => end.drained > before && !end.peer.busy)
    expect(end.peer.bufferedBytes).toBe(0)
    await eventually(() => link.events.filter(isFrames).length === 20)
    expect(sockets.size).toBe(1)
  })
})

describe('bad input', () => {
  test('another event, an attachment and an acknowledgement reach the hub as frames or not at all', async () => {
    const { url, hub } = await startHub()
    const { io } = await import('socket.io-client')
    const socket = io(`${url}/syncline`, {
      transports: ['websocket'],
      reconnection: false,
      auth: { token: 7, frames: 'no' },
    })
    onTestFinished(() => void socket.disconnect())
    await new Promise<void>((resolve) => socket.on('connect', resolve))
    expect(hub.links[0]?.opening).toMatchObject({ token: undefined, frames: 'no' })
    socket.emit('other', 1)
    socket.emit('syncline', new Uint8Array(3))
    socket.emit('syncline', { type: 'ping' }, () => {})
    await eventually(() => (hub.links[0]?.received.length ?? 0) >= 3)
    expect(hub.links[0]?.received[0]).toEqual({ type: 'other' })
    expect(hub.links[0]?.received[2]).toEqual({ type: 'ping' })
    expect(hub.links[0]?.sizes.every((size) => size > 10)).toBe(true)
  })

  test('packets that are none cut only who sent them', async () => {
    const { url, hub, sockets } = await startHub()
    const good = watch(openSession(url).attempt(opening))
    await good.until(isOpen)
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    for (const packet of [
      '4garbage',
      '42/syncline,{"a"',
      '42/syncline,["connect"]',
      '451-/syncline,["syncline"]',
      `40/syncline,{"frames":${deep}}`,
      '9',
      '',
    ]) {
      const raw = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
      raw.onerror = () => {}
      await new Promise((resolve) => {
        raw.onmessage = resolve
      })
      raw.send('40/syncline,{}')
      await new Promise((resolve) => {
        raw.onmessage = resolve
      })
      raw.send(packet)
      raw.send('42/syncline,["syncline",{"type":"ping"}]')
      raw.close()
    }
    const bomb = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
    await new Promise((resolve) => {
      bomb.onmessage = resolve
    })
    bomb.send(`40/syncline,{"frames":${deep}}`)
    await eventually(() => hub.links.some(({ opening: { bytes } }) => bytes > 200_000))
    bomb.close()
    await eventually(() => sockets.size === 1)
    hub.links[0]?.peer.send(outgoing({ type: 'pong' }))
    expect((await good.until(isFrames)).frames).toEqual([{ type: 'pong' }])
  })

  test('a packet over the limit of the server ends the link of its sender', async () => {
    const { url, hub } = await startHub(undefined, { maxHttpBufferSize: 10_000 })
    const link = watch(openSession(url).attempt(opening))
    const { send } = await link.until(isOpen)
    send([{ type: 'leave', channel: 'x'.repeat(20_000) }])
    expect((await link.failure).code).toBe('transport-failed')
    expect(hub.links[0]?.received).toEqual([])
  })

  test('a hub that sends what is no packet ends the attempt', async () => {
    const { io, url } = await startHub()
    const link = watch(openSession(url).attempt(opening))
    await link.until(isOpen)
    for (const socket of await io.of('/syncline').local.fetchSockets())
      io.of('/syncline').sockets.get(socket.id)?.conn.write('2/syncline,["syncline",{')
    expect((await link.failure).code).toBe('transport-failed')
  })
})

describe('an attempt that finds no hub', () => {
  test.each(['websocket', 'polling'])('over %s says where and why, without the query', async (transport) => {
    const url = await unusedUrl()
    const { detail } = await watch(
      openSession(`${url}?key=secret`, { transports: [transport] }).attempt(opening),
    ).failure
    expect(detail).toMatch(/^Socket\.IO could not connect to http:[^?]*: .*ECONNREFUSED\.$/)
    expect(detail).toContain(url)
  })

  test('names the namespace that is not served', async () => {
    const { url } = await startSocketIo()
    const { detail } = await watch(openSession(url).attempt(opening)).failure
    expect(detail).toBe(
      `No namespace /syncline at ${url}: is socketIoGateway on that server, or did you want plainSocketIo?`,
    )
  })

  test.each([
    ['hub', () => createClient({ transport: socketIo('/wrong') })],
    ['plain server', () => createClient({ transport: plainSocketIo('/wrong') })],
  ])('is given up for a URL of a %s that means nothing here', async (_, create) => {
    const client = create()
    onTestFinished(() => client.close())
    client.connect()
    const status = await until(client.status$, ({ at }) => at === 'failed')
    expect(status).toMatchObject({ error: { code: 'invalid-url', detail: '"/wrong" is no URL here.' } })
  })

  test('asks nothing of the url where the socket is the app’s own', async () => {
    const { url } = await startHub()
    const socket = () => new Manager(url, { autoConnect: false }).socket('/syncline')
    await watch(openSession('', { socket }).attempt(opening)).until(isOpen)
  })
})
