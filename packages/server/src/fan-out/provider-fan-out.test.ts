import { SynclineError } from '@syncline/core'
import type { HeadsFrame, MessagesFrame } from '@syncline/core/protocol'
import { expect, it } from 'vitest'
import type { Gateway } from '../gateway/gateway.ts'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { board, createTestHub, todos } from '../testing/test-hub.ts'
import { createTestGateway } from '../testing/test-peer.ts'
import type { ProviderGateway } from './provider-fan-out.ts'

const createProvider = (
  take: (channel: string, frame: MessagesFrame) => void | Promise<void> = () => undefined,
) => {
  const taken: MessagesFrame[] = []
  const gateway: ProviderGateway = {
    name: 'provider',
    start: () => undefined,
    stop: async () => undefined,
    publish: async (channel, outgoing) => {
      const frame = JSON.parse(outgoing.json) as MessagesFrame
      await take(channel, frame)
      taken.push(frame)
    },
  }
  return { gateway, taken }
}

/** What survives of a store when its hub is killed. */
const surviving = (store: HubStore): HubStore => ({ ...store, db: undefined, close: async () => undefined })

const startHub = (gateway: Gateway | readonly Gateway[], store: HubStore, limits = {}) => {
  const made = createTestHub({ gateways: [gateway].flat(), store, limits })
  made.hub.serve(board, {})
  made.hub.serve(todos, { snapshot: () => [], mutations: { 'todo:create': ({ input }) => input } })
  const publish = async (...ids: string[]) => {
    for (const id of ids)
      void made.hub.publish(todos, 'todo:created', { id, text: '' }).catch(() => undefined)
    for (let turn = 0; turn < 3; turn++) await made.time.settle()
  }
  return { ...made, publish }
}

const seqs = (frames: readonly MessagesFrame[]) =>
  frames.flatMap(({ messages }) => messages.map(([seq]) => seq))

it('publishes what is committed and moves the cursor only then', async () => {
  const store = surviving(memoryStore() as HubStore)
  const { gateway, taken } = createProvider()
  const { publish, hub } = startHub(gateway, store)
  await publish('a', 'b')
  await publish('c')
  expect(seqs(taken)).toEqual([1, 2, 3])
  expect(await store.cursor('provider', 'todos')).toBe(3)
  await hub.close()
})

it('goes on after a crash between append and fan-out', async () => {
  const store = surviving(memoryStore() as HubStore)
  const dead = createProvider(() => new Promise(() => undefined))
  const before = startHub(dead.gateway, store)
  await before.publish('a', 'b')
  const { gateway, taken } = createProvider()
  const after = startHub(gateway, store)
  for (let turn = 0; turn < 4; turn++) await after.time.settle()
  expect(seqs(taken)).toEqual([1, 2])
  await after.publish('c')
  expect(seqs(taken)).toEqual([1, 2, 3])
  await after.hub.close()
})

it('tries again, later each time, and keeps the order', async () => {
  let failures = 3
  const { gateway, taken } = createProvider(() => {
    if (failures-- > 0) throw new SynclineError('transport-failed')
  })
  const { publish, time, hub } = startHub(gateway, memoryStore() as HubStore)
  await publish('a')
  await publish('b')
  expect(taken).toEqual([])
  await time.advance(10_000)
  expect(seqs(taken)).toEqual([1, 2])
  await hub.close()
})

it('goes on after the head of a channel could not be read', async () => {
  const store = surviving(memoryStore() as HubStore)
  const dead = createProvider(() => new Promise(() => undefined))
  await startHub(dead.gateway, store).publish('a')
  let failures = 1
  const { gateway, taken } = createProvider()
  const after = startHub(gateway, {
    ...store,
    db: undefined,
    channel: (name) =>
      failures-- > 0 ? Promise.reject(new SynclineError('store-unavailable')) : store.channel(name),
  })
  await after.time.advance(60_000)
  expect(seqs(taken)).toEqual([1])
  await after.publish('b')
  expect(seqs(taken)).toEqual([1, 2])
  await after.hub.close()
})

it('announces only the head of what is too large for the provider', async () => {
  const { gateway, taken } = createProvider((_, frame) => {
    if (JSON.stringify(frame).includes('large')) throw new SynclineError('too-large')
  })
  const { publish, hub } = startHub(gateway, memoryStore() as HubStore)
  await publish('a', 'large', 'c')
  expect(taken.map(({ messages, head }) => [messages.map(([seq]) => seq), head?.seq])).toEqual([
    [[1], 3],
    [[], 3],
    [[3], undefined],
  ])
  await hub.close()
})

const placesOf = (frames: readonly MessagesFrame[]) =>
  frames.map(({ messages, after }) => [messages.map(([, id]) => id), after])

it('says which message comes before the first of a frame', async () => {
  const store = surviving(memoryStore() as HubStore)
  const { gateway, taken } = createProvider()
  const before = startHub(gateway, store)
  await before.publish('a', 'b')
  await before.publish('c')
  await before.hub.close()
  const after = startHub(gateway, store)
  await after.publish('d')
  const [a, b, c, d] = (await store.read('todos', 0, 10, 1e6)).map(({ id }) => id)
  expect(placesOf(taken)).toEqual([
    [[a, b], ''],
    [[c], b],
    [[d], c],
  ])
  await after.hub.close()
})

it('says it of each half of what is too large for the provider', async () => {
  const { gateway, taken } = createProvider((_, { messages }) => {
    if (messages.length > 1 || JSON.stringify(messages).includes('large'))
      throw new SynclineError('too-large')
  })
  const store = memoryStore() as HubStore
  const { publish, hub } = startHub(gateway, store)
  await publish('a', 'b', 'large', 'c')
  const [a, b, large, c] = (await store.read('todos', 0, 10, 1e6)).map(({ id }) => id)
  expect(placesOf(taken)).toEqual([
    [[a], ''],
    [[b], a],
    [[], undefined],
    [[c], large],
  ])
  await hub.close()
})

it('says it where retention has dropped that message, and else announces only the head', async () => {
  const store = surviving(memoryStore() as HubStore)
  const { gateway, taken } = createProvider()
  const before = startHub(gateway, store)
  await before.publish('a', 'b')
  await before.hub.close()
  await store.setCursor('provider', 'todos', 1)
  const [, b] = (await store.read('todos', 0, 10, 1e6)).map(({ id }) => id)
  taken.length = 0
  await store.trim(() => ({ count: 1, age: 1e9 }), 1e9)
  const provider = createTestGateway({ name: 'provider', publish: gateway.publish })
  const after = startHub(provider, store)
  await after.time.settle()
  expect(taken).toMatchObject([{ messages: [], head: { seq: 2, id: b } }])
  await store.trim(() => ({ count: 0, age: 1e9 }), 1e9)
  await after.publish('c')
  expect(seqs(taken)).toEqual([3])
  expect(taken[1]?.after).toBe(b)
  await after.hub.close()
})

/** Moves every board: so many channels with one message each. */
const moveBoards = async ({ hub, time }: ReturnType<typeof startHub>, count: number) => {
  for (let id = 0; id < count; id++)
    void hub.publish(board, { id }, 'moved', { x: id }).catch(() => undefined)
  for (let turn = 0; turn < 3; turn++) await time.settle()
}

it('asks again only for channels that are behind', async () => {
  const store = surviving(memoryStore() as HubStore)
  const { gateway } = createProvider()
  const before = startHub(gateway, store)
  await before.publish('a')
  await moveBoards(before, 3)
  await before.hub.close()
  await store.setCursor('provider', 'board/1', 0)
  const loaded: string[] = []
  const next = createProvider()
  const after = startHub(next.gateway, {
    ...store,
    db: undefined,
    channel: (name) => {
      loaded.push(name)
      return store.channel(name)
    },
  })
  for (let turn = 0; turn < 4; turn++) await after.time.settle()
  expect(next.taken.map(({ channel }) => channel)).toEqual(['board/1'])
  expect(loaded).toEqual(['board/1'])
  await after.hub.close()
})

it.each(['channels', 'cursor'] as const)('looks again for what is behind after %s failed', async (method) => {
  const store = surviving(memoryStore() as HubStore)
  const dead = createProvider(() => new Promise(() => undefined))
  await startHub(dead.gateway, store).publish('a')
  let failures = 2
  const { gateway, taken } = createProvider()
  const read = store[method] as (...keys: string[]) => Promise<never>
  const after = startHub(gateway, {
    ...store,
    db: undefined,
    [method]: (...keys: string[]) =>
      failures-- > 0 ? Promise.reject(new SynclineError('store-unavailable')) : read(...keys),
  })
  await after.time.advance(10_000)
  expect(seqs(taken)).toEqual([1])
  await after.hub.close()
})

it('begins anew with a log that has begun anew', async () => {
  const store = surviving(memoryStore() as HubStore)
  const { gateway, taken } = createProvider()
  const { publish, hub, time } = startHub(gateway, store)
  await time.settle()
  await store.setCursor('provider', 'todos', 5)
  await publish('a')
  expect(seqs(taken)).toEqual([1])
  expect(await store.cursor('provider', 'todos')).toBe(1)
  await hub.close()
})

it('is held up by no other provider, neither one that hangs nor one that fails', async () => {
  const hanging = { ...createProvider(() => new Promise(() => undefined)).gateway, name: 'hanging' }
  const failing = {
    ...createProvider(() => {
      throw new Error('down')
    }).gateway,
    name: 'failing',
  }
  const { gateway, taken } = createProvider()
  const running = startHub([hanging, failing, gateway], memoryStore() as HubStore)
  for (const id of ['a', 'b', 'c']) await running.publish(id)
  expect(seqs(taken)).toEqual([1, 2, 3])
  await running.hub.close()
})

it('publishes again what a provider did not take in time', async () => {
  let hangs = true
  const { gateway, taken } = createProvider(() => (hangs ? new Promise<void>(() => undefined) : undefined))
  const { publish, time, hub } = startHub(gateway, memoryStore() as HubStore)
  await publish('a')
  hangs = false
  await publish('b')
  expect(taken).toEqual([])
  await time.advance(31_000)
  expect(seqs(taken)).toEqual([1, 2])
  await hub.close()
})

it('asks a provider for so much at a time', async () => {
  let asked = 0
  let most = 0
  const done: (() => void)[] = []
  const { gateway, taken } = createProvider(() => {
    most = Math.max(most, ++asked)
    return new Promise<void>((resolve) =>
      done.push(() => {
        asked--
        resolve()
      }),
    )
  })
  const running = startHub(gateway, memoryStore() as HubStore)
  await moveBoards(running, 200)
  expect(asked).toBe(64)
  while (done.length > 0) {
    for (const finish of done.splice(0)) finish()
    await running.time.settle()
  }
  expect([most, taken.length]).toEqual([64, 200])
  await running.hub.close()
})

it('leaves a provider alone, for all channels, for as long as it asks', async () => {
  let limited = true
  let asked = 0
  const { gateway, taken } = createProvider(() => {
    asked++
    if (limited) throw new SynclineError('rate-limited', { retryAfter: 20_000 })
  })
  const running = startHub(gateway, memoryStore() as HubStore)
  await running.publish('a')
  limited = false
  await moveBoards(running, 5)
  await running.time.advance(19_000)
  expect(asked).toBe(1)
  await running.time.advance(3_000)
  expect(taken).toHaveLength(6)
  await running.hub.close()
})

it('lets the others go on where only one channel is to wait', async () => {
  let limited = true
  let asked = 0
  const { gateway, taken } = createProvider((channel) => {
    if (channel !== 'todos') return
    asked++
    if (limited) throw new SynclineError('rate-limited', { retryAfter: 20_000, channel })
  })
  const running = startHub(gateway, memoryStore() as HubStore)
  await running.publish('a')
  limited = false
  await moveBoards(running, 5)
  expect(taken).toHaveLength(5)
  await running.time.advance(19_000)
  expect(asked).toBe(1)
  await running.time.advance(3_000)
  expect(seqs(taken.filter(({ channel }) => channel === 'todos'))).toEqual([1])
  await running.hub.close()
})

it('passes by a channel that the provider has no name for', async () => {
  const { gateway, taken } = createProvider((channel) => {
    if (channel === 'todos') throw new SynclineError('invalid-channel')
  })
  const store = surviving(memoryStore() as HubStore)
  const running = startHub(gateway, store)
  await running.publish('a')
  await moveBoards(running, 1)
  expect(taken.map(({ channel }) => channel)).toEqual(['board/0'])
  expect(await store.cursor('provider', 'todos')).toBe(1)
  expect(running.log.filter(({ level }) => level === 'warn')).toEqual([])
  await running.hub.close()
})

it('says once that a provider takes nothing, and once that it does again', async () => {
  let down = true
  const { gateway } = createProvider(() => {
    if (down) throw new Error('down')
  })
  const running = startHub(gateway, memoryStore() as HubStore)
  await moveBoards(running, 10)
  await running.time.advance(60_000)
  down = false
  await running.time.advance(60_000)
  const told = running.log.filter(({ gateway: name, level }) => name === 'provider' && level !== 'debug')
  expect(told.map(({ level, message }) => [level, message])).toEqual([
    ['warn', 'a provider did not take a message'],
    ['info', 'a provider takes messages again'],
  ])
  await running.hub.close()
})

it('leaves the messages to the provider: its clients get what is theirs alone, and heads', async () => {
  const { gateway: provider, taken } = createProvider()
  const gateway = createTestGateway({ name: 'provider', publish: provider.publish })
  const running = startHub(gateway, memoryStore() as HubStore)
  const peer = gateway.connect({ frames: [{ type: 'join', channel: 'todos' }] })
  await running.time.settle()
  await running.publish('a', 'b')
  peer.stall()
  await running.publish('c')
  peer.drain()
  await running.time.settle()
  expect(seqs(taken)).toEqual([1, 2, 3])
  expect(peer.frames.map(({ type }) => type)).toEqual(['welcome', 'joined'])
  peer.send({ type: 'ping' })
  expect(peer.frames.slice(2).map(({ type }) => type)).toEqual(['pong', 'heads'])
  expect((peer.frames[3] as HeadsFrame).heads[0]?.slice(0, 2)).toMatchObject(['todos', { seq: 3 }])
  await running.hub.close()
})
