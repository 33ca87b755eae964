import type { Environment } from '../environment/environment.ts'
import type { OpenStorage } from '../storage/client-storage.ts'
import type { Claim, CreateKeeper } from './keeper.ts'
import { createMemoryJournal } from './memory-journal.ts'
import { dumpPartition, loadPartition, type Partition } from './partition.ts'
import { CLIENTS, clientKey, lockName, type WriteRecord } from './records.ts'
import { takeUnsent } from './take-unsent.ts'
import { Write } from './write.ts'

/** The place of an earlier client that is closed, or a new one. */
const claim = async (storage: OpenStorage, { id }: Environment): Promise<Claim> => {
  for (const [key] of await storage.entries('meta', CLIENTS)) {
    const client = key.slice(CLIENTS.length)
    const lock = await storage.lock(lockName(client))
    // Its writes may have been taken meanwhile; its stream numbers must not be used again.
    if (lock && (await storage.get('meta', key))) return { client, lock }
    lock?.release()
  }
  const client = id()
  const lock = await storage.lock(lockName(client))
  await storage.commit([{ op: 'put', table: 'meta', key: clientKey(client), value: 1 }])
  return { client, lock }
}

/**
 * Keeps the outbox in memory: the storage is read at the start and written at the end, so that the next client
 * on it goes on. A tab that goes without closing loses its writes, and receipts say so.
 */
export const createMemoryKeeper: CreateKeeper = ({ environment, lanes, ledger, open, claimed, opened }) => {
  const partitions = new Map<string, Partition>()
  let leave: (() => Promise<void>) | undefined
  let own: Partition | undefined
  return {
    durable: false,
    partitions,
    get own() {
      return own
    },
    load: async () => {
      const storage = await open()
      const { client, lock } = await claim(storage, environment)
      claimed(client)
      const recall = (record: WriteRecord): Write => {
        const write = new Write(record)
        ledger.enter(write)
        return write
      }
      const context = { ...lanes, durable: false, journal: createMemoryJournal }
      const part = await loadPartition(context, storage, client, recall)
      own = part
      partitions.set(client, part)
      leave = async () => {
        try {
          await part.close()
          await storage.commit(dumpPartition(part, ledger.writes()))
        } finally {
          lock?.release()
        }
      }
      ledger.sort()
      opened()
      return storage
    },
    commit: () => undefined,
    takeFrom: (other, take) =>
      takeUnsent(other, async (records, remove) => {
        const count = await take(records)
        await remove()
        return count
      }),
    close: async () => leave?.(),
  }
}
