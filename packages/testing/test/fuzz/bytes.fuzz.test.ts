import { once } from 'node:events'
import { connect } from 'node:net'
import { createClient } from '@syncline/core'
import { startAblyEmulator, startPusherEmulator } from '@syncline/emulator'
import { memoryStore } from '@syncline/server'
import { until } from '@syncline/testing'
import { anyJson, clientFrames, damaged } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { helloFrame } from '../../src/conformance/raw-link.ts'
import { type Line, room } from '../four-providers/room.ts'
import { startRoomHub } from '../four-providers/room-hub.ts'
import { providers, transports } from '../four-providers/room-transports.ts'

/** A hub with all providers, and one client on each that must not notice anything. */
const startAll = async () => {
  const unlimited = { channelRate: Number.POSITIVE_INFINITY, connectionRate: Number.POSITIVE_INFINITY }
  const pusher = await startPusherEmulator()
  const ably = await startAblyEmulator({ limits: unlimited })
  const { appId, key, secret, port } = pusher
  const lines: Line[] = []
  const running = await startRoomHub({
    store: memoryStore(),
    port: 0,
    heartbeat: 15_000,
    managed: { pusher: { appId, key, secret, port }, ably: { key: ably.key, port: ably.port } },
    serve: (hub) =>
      hub.serve(room, {
        snapshot: () => lines,
        mutations: { 'line:say': ({ input, publish }) => publish('line:said', input) },
      }),
  })
  const way = (provider: string) => ({
    hub: `http://127.0.0.1:${running.port}`,
    provider: provider === 'ably' ? ably.port : pusher.port,
    key,
  })
  const bystanders = providers.map((provider) => {
    const client = createClient({ transport: transports[provider](way(provider)), token: () => provider })
    const channel = client.channel(room, { id: 1 })
    const statuses: string[] = []
    client.status$.subscribe(({ at }) => statuses.push(at))
    channel.on('line:said', () => {})
    return { client, channel, statuses }
  })
  onTestFinished(async () => {
    for (const { client } of bystanders) await client.close()
    await running.kill()
    await pusher.close()
    await ably.close()
  })
  await Promise.all(bystanders.map(({ channel }) => until(channel.state$, ({ phase }) => phase === 'live')))
  return {
    ports: [running.port, pusher.port, ably.port],
    hubPort: running.port,
    pusherKey: key,
    ablyKey: ably.key,
    /** All go on, each with the link that it has had all the time. */
    goOn: async () => {
      for (const { channel, statuses } of bystanders) {
        await channel.mutate('line:say', { id: crypto.randomUUID(), text: 'still here' }).result
        expect(statuses.slice(statuses.indexOf('connected'))).toEqual(['connected'])
      }
    },
  }
}

/** Says it, hangs up its own half and waits for the end; a server that holds on for longer is left. */
const say = async (port: number, bytes: string | Uint8Array): Promise<void> => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.end(bytes)
  socket.resume()
  const patience = setTimeout(() => socket.destroy(), 50)
  await once(socket, 'close')
  clearTimeout(patience)
}

/** Opens a WebSocket, says all of it, and hangs up. */
const talk = async (url: string, messages: readonly (string | Uint8Array<ArrayBuffer>)[]): Promise<void> => {
  const socket = new WebSocket(url)
  await new Promise<void>((resolve) => {
    socket.onerror = () => resolve()
    socket.onclose = () => resolve()
    socket.onopen = () => {
      for (const message of messages) socket.send(message)
      setTimeout(() => socket.close(), 10)
    }
  })
}

const binary = fc.uint8Array({ maxLength: 60 }).map((bytes) => new Uint8Array(bytes))
const path = fc.constantFrom(
  '/syncline/sse',
  '/syncline/pusher',
  '/syncline/ably/token',
  '/syncline/health',
  '/socket.io/?EIO=4&transport=polling',
  '/socket.io/?EIO=4&transport=websocket',
  '/app/key?protocol=7',
  '/apps/1/events',
  '/?v=6',
  '/channels/a/messages',
  '*',
  '//',
  'http://[',
  '/%',
)
const http = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'PUT', 'OPTIONS', 'CONNECT', 'get', 'PRI', ''),
    path,
    fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', ''),
    fc.array(
      fc.constantFrom(
        'host: a',
        'host: [',
        'content-length: 5',
        'content-length: -1',
        'content-length: 5\r\ncontent-length: 6',
        'transfer-encoding: chunked',
        'upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
        'upgrade: websocket\r\nconnection: upgrade',
        'expect: 100-continue',
        'authorization: Bearer',
        ': x',
        'a b: c',
        'x: \u0001',
      ),
      { maxLength: 4 },
    ),
    fc.constantFrom(
      '',
      'hello',
      '5\r\nhello\r\n0\r\n\r\n',
      'ffffffffff\r\n',
      '{"frames":[]}',
      '\x81\x05hello',
      '\xc1\x7f\xff\xff',
    ),
  )
  .map(
    ([method, target, version, headers, body]) =>
      `${method} ${target} ${version}\r\n${headers.join('\r\n')}\r\n\r\n${body}`,
  )

const frames = clientFrames({
  channel: fc.constantFrom('room/1', 'room/2', 'nowhere'),
  name: fc.constantFrom('line:say', 'line:said'),
})
const packet = fc.oneof(
  fc
    .array(fc.oneof(frames, damaged(frames), anyJson), { maxLength: 3 })
    .map((list) => `42/syncline,${JSON.stringify(['frames', ...list])}`),
  anyJson.map((value) => `42/syncline,${JSON.stringify(value)}`),
  fc.constantFrom(
    '2',
    '3',
    '1',
    '41/syncline,',
    '40',
    '40/else',
    '451-/syncline,["frames",{"_placeholder":true,"num":0}]',
    '452-',
    '43/syncline,7[]',
    '4',
    '9',
    '',
    '42["frames"]',
    '42/syncline',
  ),
  fc.string(),
  binary,
)
const pusherFrame = fc.oneof(
  damaged(
    fc.constant({
      event: 'pusher:subscribe',
      data: { channel: 'private-a', auth: 'key:x', channel_data: '{}' },
    }),
  ),
  damaged(fc.constant({ event: 'client-a', channel: 'private-a', data: {} })),
  damaged(fc.constant({ event: 'pusher:signin', data: { auth: 'a:b', user_data: '{"id":"1"}' } })),
  anyJson,
)
const ablyFrame = fc.oneof(
  damaged(fc.constant({ action: 10, channel: 'a', params: { rewind: '1' }, flags: 1 })),
  damaged(
    fc.constant({
      action: 15,
      channel: 'a',
      msgSerial: 0,
      messages: [{ name: 'n', data: 'd', extras: { headers: {} } }],
    }),
  ),
  damaged(fc.constant({ action: 14, channel: 'a', msgSerial: 0, presence: [{ action: 2, data: 'x' }] })),
  damaged(fc.constant({ action: 17, auth: { accessToken: 'a.b.c' } })),
  anyJson,
)
const asText = (frame: fc.Arbitrary<unknown>) =>
  fc.array(
    fc.oneof(
      { arbitrary: frame.map((value) => JSON.stringify(value) ?? ''), weight: 6 },
      fc.string(),
      binary,
    ),
    { maxLength: 6 },
  )

it('bytes that no client sends reach nobody else, whatever they are and wherever they go', async () => {
  const { ports, hubPort, pusherKey, ablyKey, goOn } = await startAll()
  const opening = JSON.stringify({ token: 'eve', frames: [helloFrame('c1')] })
  const attack = fc.record({
    raw: fc.array(fc.oneof(http, fc.uint8Array({ maxLength: 100 })), { maxLength: 4 }),
    packets: fc.array(packet, { maxLength: 6 }),
    welcome: fc.boolean(),
    pusher: asText(pusherFrame),
    ably: asText(ablyFrame),
  })
  await fc.assert(
    fc.asyncProperty(attack, async ({ raw, packets, welcome, pusher, ably }) => {
      await Promise.all([
        ...raw.flatMap((bytes) =>
          ports.map((port) => say(port, typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)),
        ),
        talk(`ws://127.0.0.1:${hubPort}/socket.io/?EIO=4&transport=websocket`, [
          ...(welcome ? [`40/syncline,${opening}`] : []),
          ...packets,
        ]),
        talk(`ws://127.0.0.1:${ports[1]}/app/${pusherKey}?protocol=7&client=js&version=8`, pusher),
        talk(`ws://127.0.0.1:${ports[2]}/?v=6&key=${encodeURIComponent(ablyKey)}`, ably),
      ])
    }),
    { numRuns: 100 },
  )
  await goOn()
})
