import type { ClientStorage, OpenStorage, StorageChange, StorageTable } from '@syncline/core'
import { afterEach, describe, expect, test } from 'vitest'

/** One storage under test, with data of its own. */
export interface ClientStorageFixture {
  /** A storage on the fixture's data; called again it must find the same data (durable ones: as another page would). */
  create(): ClientStorage
  dispose?(): Promise<void> | void
}

const put = (key: string, value: unknown, table: StorageTable = 'outbox'): StorageChange => ({
  op: 'put',
  table,
  key,
  value,
})

/**
 * The contract of a client storage, as tests: every storage runs it.
 *
 * @example
 * clientStorageSuite('memoryStorage', () => {
 *   const storage = memoryStorage()
 *   return { create: () => storage }
 * })
 */
export const clientStorageSuite = (
  name: string,
  create: () => ClientStorageFixture | Promise<ClientStorageFixture>,
): void => {
  describe(`client storage contract: ${name}`, () => {
    const fixtures: ClientStorageFixture[] = []
    const opened: OpenStorage[] = []

    const setup = async () => {
      const fixture = await create()
      fixtures.push(fixture)
      return {
        open: async (identity = 'ada'): Promise<OpenStorage> => {
          const storage = await fixture.create().open(identity)
          opened.push(storage)
          return storage
        },
      }
    }
    const keys = async (storage: OpenStorage, prefix = '', table: StorageTable = 'outbox') =>
      (await storage.entries(table, prefix)).map(([key]) => key)

    afterEach(async () => {
      for (const storage of opened.splice(0)) await storage.close()
      for (const fixture of fixtures.splice(0)) await fixture.dispose?.()
    })

    test('keeps what was committed for the next opening', async () => {
      const { open } = await setup()
      const first = await open()
      await first.commit([put('a', { text: 'ä', list: [1, null, true] })])
      await first.close()
      const second = await open()
      expect(await second.get('outbox', 'a')).toEqual({ text: 'ä', list: [1, null, true] })
    })

    test('says undefined for a key that is not there', async () => {
      const { open } = await setup()
      const storage = await open()
      expect(await storage.get('views', 'nothing')).toBeUndefined()
      expect(await storage.entries('views', '')).toEqual([])
    })

    test('keeps its own copy of a value', async () => {
      const { open } = await setup()
      const storage = await open()
      const value = { list: [1] }
      await storage.commit([put('a', value)])
      value.list.push(2)
      expect(await storage.get('outbox', 'a')).toEqual({ list: [1] })
      ;((await storage.get('outbox', 'a')) as typeof value).list.push(3)
      expect(await storage.get('outbox', 'a')).toEqual({ list: [1] })
    })

    test('lists a prefix in key order, by code unit', async () => {
      const { open } = await setup()
      const storage = await open()
      // U+1F600 is a surrogate pair, whose first unit is below U+FF21: by code point it would come last.
      const wanted = ['p/', 'p/0001', 'p/0002', 'p/0010', 'p/Z', 'p/a', 'p/ä', 'p/\u{1F600}', 'p/\uFF21']
      await storage.commit([...wanted].reverse().map((key) => put(key, key)))
      await storage.commit([put('o', 0), put('p', 0), put('p0', 0), put('q/1', 0)])
      expect(await storage.entries('outbox', 'p/')).toEqual(wanted.map((key) => [key, key]))
      expect(await keys(storage)).toHaveLength(wanted.length + 4)
    })

    test('keeps tables apart', async () => {
      const { open } = await setup()
      const storage = await open()
      await storage.commit([put('k', 1, 'outbox'), put('k', 2, 'streams'), put('k', 3, 'views')])
      await storage.commit([{ op: 'delete', table: 'streams', key: 'k' }])
      expect(await storage.get('outbox', 'k')).toBe(1)
      expect(await storage.get('streams', 'k')).toBeUndefined()
      expect(await storage.get('views', 'k')).toBe(3)
      expect(await storage.get('meta', 'k')).toBeUndefined()
    })

    test("keeps one identity's data from another", async () => {
      const { open } = await setup()
      const ada = await open('ada')
      const eve = await open('ada/eve')
      const nobody = await open('')
      await ada.commit([put('k', 'hers')])
      expect(await eve.get('outbox', 'k')).toBeUndefined()
      expect(await nobody.entries('outbox', '')).toEqual([])
      await eve.commit([{ op: 'deleteRange', table: 'outbox', from: '', to: 'z' }])
      expect(await ada.get('outbox', 'k')).toBe('hers')
      expect(await eve.lock('client:1')).toBeDefined()
      expect(await ada.lock('client:1')).toBeDefined()
    })

    test('deletes a range with both of its ends', async () => {
      const { open } = await setup()
      const storage = await open()
      await storage.commit(['a', 'b', 'c', 'd', 'e'].map((key) => put(key, key)))
      await storage.commit([{ op: 'deleteRange', table: 'outbox', from: 'b', to: 'd' }])
      expect(await keys(storage)).toEqual(['a', 'e'])
    })

    test('applies the changes of a commit in their order', async () => {
      const { open } = await setup()
      const storage = await open()
      await storage.commit([
        put('a', 1),
        { op: 'deleteRange', table: 'outbox', from: 'a', to: 'z' },
        put('a', 2),
        put('b', 1),
        { op: 'delete', table: 'outbox', key: 'b' },
      ])
      expect(await storage.entries('outbox', '')).toEqual([['a', 2]])
      await storage.commit([])
    })

    test('settles commits in the order of their calls, each once its changes can be read', async () => {
      const { open } = await setup()
      const storage = await open()
      const settled: number[] = []
      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          await storage.commit([put('shared', index), put(`k${String(index).padStart(2, '0')}`, index)])
          settled.push(index)
          expect(await storage.get('outbox', `k${String(index).padStart(2, '0')}`)).toBe(index)
        }),
      )
      expect(settled).toEqual(Array.from({ length: 50 }, (_, index) => index))
      expect(await storage.get('outbox', 'shared')).toBe(49)
      expect(await keys(storage, 'k')).toHaveLength(50)
    })

    test('refuses a commit as a whole and leaves the others of its group alone', async () => {
      const { open } = await setup()
      const storage = await open()
      const circle: { self?: unknown; run: () => void } = { run: () => {} }
      circle.self = circle
      const results = await Promise.allSettled([
        storage.commit([put('before', 1)]),
        storage.commit([put('half', 1), put('bad', { ...circle, big: 1n })]),
        storage.commit([put('after', 1)]),
      ])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect((results[1] as PromiseRejectedResult).reason).toMatchObject({ code: 'storage-failed' })
      expect(await keys(storage)).toEqual(['after', 'before'])
    })

    test('gives a lock to one holder at a time', async () => {
      const { open } = await setup()
      const [first, second] = [await open(), await open()]
      const lock = await first.lock('client:1')
      expect(lock?.lost).toBeFalsy()
      expect(await second.lock('client:1')).toBeUndefined()
      expect(await first.lock('client:1')).toBeUndefined()
      const other = await second.lock('client:2')
      expect(other).toBeDefined()
      await first.commit([put('a', 1)], lock)
      lock?.release()
      lock?.release()
      await first.get('meta', 'turn')
      expect(await second.lock('client:1')).toBeDefined()
      expect(await first.lock('client:1')).toBeUndefined()
    })

    test('gives a lock to one who waits for it as soon as it is free, or does not wait at all', async () => {
      const { open } = await setup()
      const [first, second] = [await open(), await open()]
      const lock = await first.lock('client:1')
      let answered = false
      const waiting = second.lock('client:1', new AbortController().signal)
      void waiting.then(() => {
        answered = true
      })
      await first.get('meta', 'turn')
      const waits = !answered
      lock?.release()
      const taken = await waiting
      expect(taken !== undefined).toBe(waits)
      if (waits) expect(await first.lock('client:1')).toBeUndefined()
      taken?.release()
      await first.get('meta', 'turn')
      expect(await first.lock('client:1', new AbortController().signal)).toBeDefined()
    })

    test('says undefined to one who no longer waits for a lock', async () => {
      const { open } = await setup()
      const [first, second] = [await open(), await open()]
      const lock = await first.lock('client:1')
      const abort = new AbortController()
      const waiting = second.lock('client:1', abort.signal)
      abort.abort()
      expect(await waiting).toBeUndefined()
      lock?.release()
      await first.get('meta', 'turn')
      expect(await first.lock('client:1')).toBeDefined()
    })

    test('frees its locks when it is closed', async () => {
      const { open } = await setup()
      const [first, second] = [await open(), await open()]
      expect(await first.lock('client:1')).toBeDefined()
      await first.close()
      expect(await second.lock('client:1')).toBeDefined()
    })

    test('refuses with storage-failed once it is closed', async () => {
      const { open } = await setup()
      const storage = await open()
      const last = storage.commit([put('a', 1)])
      await storage.close()
      await last
      await expect(storage.commit([put('b', 1)])).rejects.toMatchObject({ code: 'storage-failed' })
      await expect(storage.get('outbox', 'a')).rejects.toMatchObject({ code: 'storage-failed' })
      await expect(storage.lock('client:1')).rejects.toMatchObject({ code: 'storage-failed' })
      const again = await open()
      expect(await keys(again)).toEqual(['a'])
    })

    test('keeps ten thousand entries', async () => {
      const { open } = await setup()
      const storage = await open()
      const key = (index: number) => `c/${String(index).padStart(15, '0')}`
      await Promise.all(
        Array.from({ length: 10_000 }, (_, index) => storage.commit([put(key(index), { index })])),
      )
      const entries = await storage.entries('outbox', 'c/')
      expect(entries).toHaveLength(10_000)
      expect(entries[9_999]).toEqual([key(9_999), { index: 9_999 }])
      await storage.commit([{ op: 'deleteRange', table: 'outbox', from: key(0), to: key(9_998) }])
      expect(await keys(storage)).toEqual([key(9_999)])
    }, 20_000)
  })
}
