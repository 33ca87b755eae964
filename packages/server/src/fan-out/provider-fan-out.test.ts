import { SynclineError } from '@syncline/core'
import type { MessagesFrame } from '@syncline/core/protocol'
import { expect, it } from 'vitest'
import type { Gateway } from '../gateway/gateway.ts'
import type { HubStore } from '../store/hub-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import { createTestHub, todos } from '../testing/test-hub.ts'

const createProvider = (
  take: (channel: string, frame: MessagesFrame) => void | Promise<void> = () => undefined,
) => {
  const taken: MessagesFrame[] = []
  const gateway: Gateway = {
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

const startHub = (gateway: Gateway, store: HubStore, limits = {}) => {
  const made = createTestHub({ gateways: [gateway], store, limits })
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
