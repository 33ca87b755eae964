import { openDB, unwrap } from 'idb'
import { createWrite, type Times, writeAll } from './callers.ts'

/** Writes that were answered together, as our outbox removes them. */
const TOGETHER = 256

/**
 * Nothing but IndexedDB in the shape in which our outbox uses it: what waits goes into one strict transaction, and
 * what was sent is removed in ranges. How its time grows is no outbox's doing.
 */
export const withGroups = async (name: string, count: number): Promise<Times> => {
  const database = await openDB(name, 1, {
    upgrade: (upgraded) => {
      upgraded.createObjectStore('outbox')
    },
  })
  const change = (work: (store: IDBObjectStore) => void) =>
    new Promise<void>((resolve, reject) => {
      const transaction = unwrap(database).transaction('outbox', 'readwrite', { durability: 'strict' })
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
      work(transaction.objectStore('outbox'))
      transaction.commit()
    })
  const keyOf = (n: number) => `client/${String(n).padStart(15, '0')}`
  let waiting: { n: number; stored: () => void }[] = []
  let running = false
  const run = async () => {
    running = true
    await undefined
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      await change((store) => {
        for (const { n } of group) store.put({ id: keyOf(n), json: JSON.stringify(createWrite(n)) }, keyOf(n))
      })
      for (const { stored } of group) stored()
    }
    running = false
  }
  const put = (n: number) =>
    new Promise<void>((stored) => {
      waiting.push({ n, stored })
      if (!running) void run()
    })
  await put(count)
  const write = await writeAll(count, put)
  const begun = performance.now()
  for (let n = 0; n < count; n += TOGETHER)
    await change((store) => void store.delete(IDBKeyRange.bound(keyOf(n), keyOf(n + TOGETHER - 1))))
  const drain = performance.now() - begun
  database.close()
  return { write, drain }
}
