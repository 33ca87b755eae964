import { defineChannel, type } from '@syncline/core'
import type { ClientFrame } from '@syncline/core/protocol'
import { expect, test } from 'vitest'
import { memoryStore } from '../store/memory-store.ts'
import { type createTestHub, startTestHub } from '../testing/test-hub.ts'
import { createTestGateway, type TestPeer } from '../testing/test-peer.ts'

const note = defineChannel('note/:id', {
  snapshot: type<null>(),
  events: { added: type<null>() },
  mutations: { add: { input: type<null>(), output: type<null>() } },
})

/** So many channels at a time, where a hub may keep one that nobody uses. */
const CHANNELS = 20

const write = (channel: string): ClientFrame => ({
  type: 'writes',
  channel,
  client: 'c1',
  generation: 1,
  answered: 0,
  writes: [[1, `write-${channel}`, 'mutate', 'add', null, 1]],
})

/** A hub where all that takes time takes as long as the test wants. */
const start = async (options: Parameters<typeof createTestHub>[0] = {}) => {
  let finish = (): void => undefined
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const store = memoryStore()
  const { hub, client, time } = startTestHub({
    limits: { idleChannels: 1, streams: 1 },
    store: { ...store, channel: (name) => finished.then(() => store.channel(name)) },
    ...options,
  })
  hub.serve(note, {
    snapshot: () => finished.then(() => null),
    mutations: {
      add: async ({ publish }) => {
        await finished
        publish('added', null)
        return null
      },
    },
  })
  await hub.ready
  return {
    hub,
    client,
    finish: async () => {
      finish()
      await time.settle()
    },
    ask: async (peer: TestPeer, frame: (channel: string) => ClientFrame) => {
      for (let id = 0; id < CHANNELS; id++) peer.send(frame(`note/${id}`))
      await time.settle()
    },
  }
}

const after = { epoch: 'none', seq: 0, id: '' }
const asks: readonly [string, (channel: string) => ClientFrame][] = [
  ['pages', (channel) => ({ type: 'fetch', channel, after })],
  ['snapshots', (channel) => ({ type: 'snapshot', channel })],
  ['heads', (channel) => ({ type: 'heads', channels: [channel] })],
  ['writes', write],
]

test.each(asks)(
  'forgets the channels of %s that were asked for at a time, once all are answered',
  async (_, frame) => {
    const { hub, client, ask, finish } = await start()
    const peer = await client({ client: 'c1' })
    await ask(peer, frame)
    expect(hub.health().channels).toBe(CHANNELS)
    await finish()
    expect(hub.health().channels).toBe(1)
  },
)

test('forgets the channels that were joined and left before the join was answered', async () => {
  const { hub, client, ask, finish } = await start()
  const peer = await client({ client: 'c1' })
  await ask(peer, (channel) => ({ type: 'join', channel, snapshot: true }))
  await ask(peer, (channel) => ({ type: 'leave', channel }))
  expect(hub.health().channels).toBe(CHANNELS)
  await finish()
  expect(hub.health().channels).toBe(1)
})

test('forgets the channels whose pages were for one that had no room, and is gone', async () => {
  const { hub, client, ask, finish } = await start()
  const peer = await client({ client: 'c1' })
  await ask(peer, (channel) => ({ type: 'fetch', channel, after }))
  peer.stall(10_000_000)
  peer.cut()
  await finish()
  expect(hub.health().channels).toBe(1)
})

test('forgets the channels of messages that a provider took its time for, once it has them all', async () => {
  let taken = (): void => undefined
  const published = new Promise<undefined>((resolve) => {
    taken = () => resolve(undefined)
  })
  const gateway = createTestGateway({ publish: () => published })
  const { hub, finish } = await start({ gateways: [gateway] })
  await finish()
  for (let id = 0; id < CHANNELS; id++) await hub.publish(note, { id }, 'added', null)
  await finish()
  expect(hub.health().channels).toBe(CHANNELS)
  taken()
  await finish()
  expect(hub.health().channels).toBe(1)
})

test('forgets the channels that were left while more was to be sent', async () => {
  const { hub, client, ask, finish } = await start({ limits: { idleChannels: 1, fanOutMessages: 1 } })
  await finish()
  const peer = await client({ client: 'c1' })
  await ask(peer, (channel) => ({ type: 'join', channel }))
  const messages = Array.from({ length: CHANNELS }, (_, id) =>
    [1, 2, 3].map(() => hub.publish(note, { id }, 'added', null)),
  )
  await Promise.all(messages.flat())
  expect(peer.all('messages')).toHaveLength(CHANNELS)
  for (let id = 0; id < CHANNELS; id++) peer.send({ type: 'leave', channel: `note/${id}` })
  await finish()
  expect(hub.health().channels).toBe(1)
})
