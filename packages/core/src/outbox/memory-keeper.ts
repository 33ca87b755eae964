import type { CreateKeeper, OpenedStorage } from './keeper.ts'
import { createMemoryJournal } from './memory-journal.ts'
import { dumpPartition, loadPartition, type Partition } from './partition.ts'
import { takeUnsent } from './take-unsent.ts'

/**
 * Keeps the outbox in memory: the storage is read at the start and written at the end, so that the next client
 * on it goes on. A tab that goes without closing loses its writes, and receipts say so.
 */
export const createMemoryKeeper: CreateKeeper = ({ lanes, ledger, open, opened }) => {
  const partitions = new Map<string, Partition>()
  let at: OpenedStorage | undefined
  let own: Partition | undefined
  const nothing = async (): Promise<void> => {}
  const commit = (): undefined => undefined

  return {
    durable: false,
    partitions,
    get own() {
      return own
    },
    load: async () => {
      at = await open()
      own = await loadPartition(
        { ...lanes, durable: false, journal: createMemoryJournal },
        at.storage,
        at.client,
        ledger.recall,
      )
      partitions.set(at.client, own)
      ledger.sort()
      opened()
      return at.storage
    },
    claimed: nothing,
    commit,
    adopt: nothing,
    tidy: commit,
    takeFrom: (other, take) =>
      takeUnsent(other, async (records, remove) => {
        const count = await take(records)
        await remove()
        return count
      }),
    close: async () => {
      if (!at || !own) return
      try {
        await own.close()
        await at.storage.commit(dumpPartition(own, ledger.writes()))
      } finally {
        at.lock.release()
      }
    },
  }
}
