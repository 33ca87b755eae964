import { openDB } from 'idb'
import { createWrite, type Times, writeAll } from './callers.ts'

/** An outbox by hand: one strict transaction to store a write, one to remove it once it was sent. */
export const withIdb = async (name: string, count: number): Promise<Times> => {
  const database = await openDB(name, 1, {
    upgrade: (upgraded) => {
      upgraded.createObjectStore('outbox')
    },
  })
  const change = async (work: 'put' | 'delete', n: number) => {
    const transaction = database.transaction('outbox', 'readwrite', { durability: 'strict' })
    if (work === 'put') void transaction.store.put(createWrite(n), n)
    else void transaction.store.delete(n)
    await transaction.done
  }
  await change('put', count)
  const write = await writeAll(count, (n) => change('put', n))
  const drain = await writeAll(count, (n) => change('delete', n))
  database.close()
  return { write, drain }
}
