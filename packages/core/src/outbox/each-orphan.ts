import type { OpenStorage, StorageLock } from '../storage/client-storage.ts'
import { CLIENTS, lockName } from './records.ts'

/** Works with each client's part whose tab is gone, under its lock. */
export const eachOrphan = async (
  storage: OpenStorage,
  work: (client: string, lock: StorageLock) => Promise<unknown>,
): Promise<void> => {
  for (const [key] of await storage.entries('meta', CLIENTS)) {
    const client = key.slice(CLIENTS.length)
    const lock = await storage.lock(lockName(client))
    try {
      if (lock) await work(client, lock)
    } finally {
      lock?.release()
    }
  }
}
