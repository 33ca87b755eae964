import type { OpenStorage, StorageChange } from '../storage/client-storage.ts'
import {
  CLIENTS,
  deleteWrites,
  forgetClient,
  lockName,
  orderOf,
  type StreamRecord,
  type WriteRecord,
} from './records.ts'

/** In table `meta`: writes that were copied here and may still be in the storage that they came from. */
const TAKEN = 'taken/'

/** Where taken writes go. */
export interface Taker {
  readonly storage: OpenStorage
  knows(id: string): boolean
  /** Stores the writes together with `marks`, in one commit. */
  take(records: readonly WriteRecord[], marks: readonly StorageChange[]): Promise<void>
}

interface Unsent {
  readonly order: number
  readonly record: WriteRecord
}

const readUnsent = async (from: OpenStorage, client: string): Promise<{ unsent: Unsent[]; all: boolean }> => {
  const numbered = new Set<string>()
  for (const [, value] of await from.entries('streams', `${client}/`)) {
    const { sent, accepted } = value as StreamRecord
    for (const order of sent) numbered.add(String(order))
    for (const [order] of accepted) numbered.add(String(order))
  }
  const stored = await from.entries('outbox', `${client}/`)
  const unsent = stored
    .map(([key, value]) => ({ order: orderOf(key), record: value as WriteRecord }))
    .filter(({ order, record }) => !record.parked && !numbered.has(String(order)))
  return { unsent, all: unsent.length === stored.length }
}

const takeClient = async (to: Taker, from: OpenStorage, client: string): Promise<number> => {
  const lock = await from.lock(lockName(client))
  // Its tab lives and sends them itself.
  if (!lock) return 0
  try {
    const { unsent, all } = await readUnsent(from, client)
    const before = new Set((await to.storage.entries('meta', TAKEN)).map(([key]) => key))
    const records = unsent
      .map(({ record }) => record)
      .filter(({ id }) => !before.has(TAKEN + id) && !to.knows(id))
    const marks = records.map(({ id }) => ({ op: 'put', table: 'meta', key: TAKEN + id, value: 1 }) as const)
    if (records.length) await to.take(records, marks)
    const orders = unsent.map(({ order }) => order)
    await from.commit(all ? forgetClient(client) : deleteWrites(client, orders), lock)
    await to.storage.commit(
      unsent.map(({ record }) => ({ op: 'delete', table: 'meta', key: TAKEN + record.id })),
    )
    return records.length
  } finally {
    lock.release()
  }
}

/**
 * Moves the unsent writes of another storage here. First they are stored here with a mark for each, then
 * deleted there, then the marks go: whatever is killed in between, a second call takes none twice, not even
 * one that was sent and answered meanwhile.
 */
export const takeFrom = async (to: Taker, from: OpenStorage): Promise<number> => {
  const lock = await to.storage.lock('take')
  if (!lock) return 0
  try {
    let count = 0
    for (const [key] of await from.entries('meta', CLIENTS))
      count += await takeClient(to, from, key.slice(CLIENTS.length))
    return count
  } finally {
    lock.release()
  }
}
