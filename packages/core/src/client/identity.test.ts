import { createVirtualTime } from '@syncline/testing'
import { expect, it } from 'vitest'
import { createScriptedTransport } from '../../test/scripted-transport.ts'
import { defineChannel } from '../contract/define-channel.ts'
import { type } from '../contract/schema.ts'
import { createDurableKeeper } from '../durable/index.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { OpenStorage } from '../storage/client-storage.ts'
import { memoryStorage } from '../storage/memory-storage.ts'
import { createClient } from './create-client.ts'

const notes = defineChannel('notes', {
  events: {},
  mutations: { add: { input: type<string>(), output: type<string>() } },
})

const setUp = () => {
  const storage = { ...memoryStorage() }
  const open = (seed = 1) => {
    const time = createVirtualTime({ seed })
    const scripted = createScriptedTransport()
    const client = createClient({
      transport: scripted.transport,
      environment: time.environment,
      storage,
      token: () => 'token',
    })
    const writes = () => scripted.last.sent.flat().filter((frame) => frame.type === 'writes')
    const connectAs = async (subject: string) => {
      client.connect()
      await time.settle()
      scripted.last.welcome({ subject, heartbeat: 3_600_000 })
      await time.settle()
    }
    return { time, scripted, client, writes, connectAs }
  }
  return { storage, open }
}

it("a session of somebody else gets nothing of the first one's, though no identity was given", async () => {
  const { time, scripted, client, writes } = setUp().open()
  client.channel(notes).mutate('add', 'of ada')
  await time.settle()
  scripted.last.welcome({ subject: 'ada' })
  await time.settle()
  expect(writes()).toHaveLength(1)
  scripted.last.fail(new SynclineError('token-expired'))
  await time.settle()
  scripted.last.welcome({ subject: 'bob' })
  await time.settle()
  expect(client.status$.get()).toMatchObject({ at: 'needs-auth', error: { code: 'identity-mismatch' } })
  expect(scripted.last.sent).toEqual([])
  client.retryNow()
  await time.settle()
  scripted.last.welcome({ subject: 'ada' })
  await time.settle()
  expect(writes()).toHaveLength(1)
  await client.close()
})

it('a storage without identity belongs to whom the hub confirmed first, also after a reload', async () => {
  const { open } = setUp()
  const first = open()
  await first.connectAs('ada')
  first.scripted.last.fail()
  first.client.channel(notes).mutate('add', 'of ada')
  await first.time.settle()
  await first.client.close()

  const second = open(2)
  await second.connectAs('bob')
  expect(second.client.status$.get()).toMatchObject({
    at: 'needs-auth',
    error: { code: 'identity-mismatch' },
  })
  expect(second.scripted.last.sent).toEqual([])
  await second.client.signOut({ discardWrites: true })

  const third = open(3)
  await third.connectAs('bob')
  expect(third.client.status$.get().at).toBe('connected')
  await third.client.close()
})

it('the storage of nobody is free for the next one when it is left without writes', async () => {
  const { open } = setUp()
  const first = open()
  await first.connectAs('ada')
  await first.client.signOut()

  const second = open(2)
  await second.connectAs('bob')
  expect(second.client.status$.get().at).toBe('connected')
  await second.client.close()
})

it('a storage that could not be opened when somebody was confirmed stays closed to them: it may be another’s', async () => {
  const { storage, open } = setUp()
  const first = open()
  first.client.channel(notes).mutate('add', 'of ada')
  await first.time.settle()
  first.scripted.last.welcome({ subject: 'ada' })
  await first.time.settle()
  await first.client.close()

  const inner = storage.open
  storage.open = () => Promise.reject(new Error('disk gone'))
  const second = open(2)
  await second.connectAs('bob')
  storage.open = inner
  await second.time.advance(120_000)
  expect(second.client.outbox.pending$.get()).toEqual([])
  expect(second.writes()).toEqual([])
  const { result } = second.client.channel(notes).mutate('add', 'of bob')
  await expect(result).rejects.toMatchObject({ code: 'identity-mismatch' })
  await second.client.close()
})

it('a storage that could not be opened when somebody was confirmed is theirs where it is nobody’s', async () => {
  const { storage, open } = setUp()
  const earlier = open()
  await earlier.connectAs('ada')
  await earlier.client.signOut()

  const inner = storage.open
  storage.open = () => Promise.reject(new Error('disk gone'))
  const first = open(2)
  await first.connectAs('bob')
  storage.open = inner
  await first.time.advance(120_000)
  const receipt = first.client.channel(notes).mutate('add', 'of bob')
  await first.time.settle()
  expect(receipt.status$.get().at).toBe('sent')
  expect(first.writes()).toHaveLength(1)
  await first.client.close()

  const second = open(3)
  await second.connectAs('ada')
  expect(second.client.status$.get()).toMatchObject({ error: { code: 'identity-mismatch' } })
  expect(second.writes()).toEqual([])
  await second.client.close()
})

/** What it opens fails as told, and is as durable as a disk. */
const failing = (
  storage: ReturnType<typeof setUp>['storage'],
  fails: (call: 'get' | 'commit') => boolean,
) => {
  const { open } = storage
  const failed = () => Promise.reject(new SynclineError('storage-failed'))
  const wrap = (inner: OpenStorage): OpenStorage => ({
    ...inner,
    get: (...request) => (fails('get') ? failed() : inner.get(...request)),
    commit: (...request) => (fails('commit') ? failed() : inner.commit(...request)),
  })
  Object.assign(storage, {
    keeper: createDurableKeeper,
    open: async (name: string) => wrap(await open(name)),
  })
}

it('a storage that was full when somebody was confirmed is theirs with the first write that it takes', async () => {
  const { storage, open } = setUp()
  let full = false
  failing(storage, (call) => full && call === 'commit')
  const first = open()
  first.client.connect()
  await first.time.settle()
  full = true
  first.scripted.last.welcome({ subject: 'ada' })
  await first.time.settle()
  full = false
  first.client.channel(notes).mutate('add', 'of ada')
  await first.time.settle()
  expect(first.writes()).toHaveLength(1)
  await first.client.close()

  const second = open(2)
  await second.connectAs('bob')
  expect(second.client.status$.get()).toMatchObject({ error: { code: 'identity-mismatch' } })
  expect(second.writes()).toEqual([])
  await second.client.close()
})

it('a storage whose owner could not be read when another was confirmed stays its owner’s', async () => {
  const { storage, open } = setUp()
  let broken = false
  failing(storage, (call) => broken && call === 'get')
  const first = open()
  first.client.channel(notes).mutate('add', 'of ada')
  await first.time.settle()
  first.scripted.last.welcome({ subject: 'ada' })
  await first.time.settle()
  await first.client.close()

  broken = true
  const second = open(2)
  second.client.connect()
  await second.time.settle()
  second.scripted.last.welcome({ subject: 'bob' })
  broken = false
  await second.time.advance(120_000)
  expect(second.client.outbox.pending$.get()).toEqual([])
  await second.client.close()

  const third = open(3)
  await third.connectAs('bob')
  expect(third.client.status$.get()).toMatchObject({ error: { code: 'identity-mismatch' } })
  expect([...second.writes(), ...third.writes()]).toEqual([])
  await third.client.close()
})
