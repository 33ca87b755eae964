import 'fake-indexeddb/auto'
import { clientStorageSuite, createVirtualTime } from '@syncline/testing'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenStorage, StorageChange } from '../storage/client-storage.ts'
import { indexedDb } from './indexed-db.ts'

/** The part of Web Locks that is used, within one process. */
const createLockManager = (): LockManager => {
  const held = new Map<string, Promise<unknown>>()
  const request = async (name: string, options: LockOptions, run: (lock: Lock | null) => unknown) => {
    while (held.has(name)) {
      if (options.ifAvailable) return run(null)
      const aborted = new Promise((_, reject) => {
        options.signal?.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')))
      })
      await Promise.race([held.get(name), aborted])
    }
    const work = Promise.resolve(run({ name, mode: 'exclusive' })).finally(() => held.delete(name))
    held.set(name, work)
    return work
  }
  return { request, query: async () => ({}) } as unknown as LockManager
}

clientStorageSuite('indexedDb with Web Locks', () => {
  globalThis.indexedDB = new IDBFactory()
  const locks = createLockManager()
  return { create: () => indexedDb('app', { locks }) }
})

clientStorageSuite('indexedDb with leases', () => {
  globalThis.indexedDB = new IDBFactory()
  return { create: () => indexedDb('app', { locks: null }) }
})

const put = (key: string): StorageChange => ({ op: 'put', table: 'outbox', key, value: key })

describe('indexedDb', () => {
  beforeEach(() => {
    globalThis.indexedDB = new IDBFactory()
  })

  const pair = async () => {
    const time = createVirtualTime()
    const open = (): Promise<OpenStorage> =>
      indexedDb('app', { locks: null, environment: time.environment }).open('ada')
    return { time, awake: await open(), other: await open() }
  }
  /** fake-indexeddb answers by real timers. */
  const until = async <T>(probe: () => T | Promise<T>): Promise<T> => {
    for (;;) {
      const value = await probe()
      if (value) return value
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  test('renews a lease for as long as its holder lives', async () => {
    const { time, awake, other } = await pair()
    const lock = await awake.lock('client:1')
    for (let passed = 0; passed < 60_000; passed += 5_000) {
      await time.advance(5_000)
      await until(() => time.timers === 1)
    }
    expect(await other.lock('client:1')).toBeUndefined()
    expect(lock?.lost).toBe(false)
    await awake.close()
    expect(time.timers).toBe(0)
    await other.close()
  })

  test('gives the lease of a page that sleeps to another, and stops the sleeper when it wakes', async () => {
    const clock = createVirtualTime()
    let slept = 0
    const sleeper = await indexedDb('app', {
      locks: null,
      environment: { ...clock.environment, setTimer: () => () => {} },
    }).open('ada')
    const other = await indexedDb('app', {
      locks: null,
      environment: { ...clock.environment, now: () => clock.environment.now() + slept },
    }).open('ada')
    const lock = await sleeper.lock('client:1')
    await sleeper.commit([put('before')], lock)
    slept = 14_999
    expect(await other.lock('client:1')).toBeUndefined()
    slept = 15_000
    expect(await other.lock('client:1')).toBeDefined()
    const woken = await Promise.allSettled([
      sleeper.commit([put('unfenced')]),
      sleeper.commit([put('fenced')], lock),
    ])
    expect(woken.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect((woken[1] as PromiseRejectedResult).reason).toMatchObject({ code: 'storage-failed' })
    expect(lock?.lost).toBe(true)
    expect((await other.entries('outbox', '')).map(([key]) => key)).toEqual(['before', 'unfenced'])
    lock?.release()
    await sleeper.close()
    expect(await other.lock('client:1')).toBeUndefined()
    await other.close()
  })

  test('refuses, and does not hang, when the database is deleted while it is in use', async () => {
    const storage = await indexedDb('app').open('ada')
    await storage.commit([put('a')])
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase('app:ada')
      request.onsuccess = resolve
      request.onerror = reject
    })
    await expect(storage.commit([put('b')])).rejects.toMatchObject({ code: 'storage-failed' })
    await storage.close()
  })

  test('refuses when the browser does not answer the opening', async () => {
    const time = createVirtualTime()
    globalThis.indexedDB = Object.assign(new IDBFactory(), { open: () => new IDBOpenDBRequest() })
    const opening = indexedDb('app', { environment: time.environment }).open('ada')
    const refused = expect(opening).rejects.toMatchObject({ code: 'storage-failed' })
    await time.advance(10_000)
    await refused
    expect(time.timers).toBe(0)
  })

  test('refuses with the cause when the quota is used up', async () => {
    const storage = await indexedDb('app').open('ada')
    const put_ = IDBObjectStore.prototype.put
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
    try {
      await expect(storage.commit([put('a')])).rejects.toMatchObject({
        code: 'storage-failed',
        cause: { name: 'QuotaExceededError' },
      })
    } finally {
      IDBObjectStore.prototype.put = put_
    }
    await storage.commit([put('b')])
    expect((await storage.entries('outbox', '')).map(([key]) => key)).toEqual(['b'])
    await storage.close()
  })
})
