import type { OpenStorage, StorageLock } from '../storage/client-storage.ts'
import { CLIENTS, lockName } from './records.ts'

/** Works with each client's part whose tab is gone, under its lock. Resolves with false where the tab of one lives. */
export const eachOrphan = async (
  storage: OpenStorage,
  work: (client: string, lock: StorageLock) => Promise<unknown>,
): Promise<boolean> => {
  let alone = true
  for (const [key] of await storage.entries('meta', CLIENTS)) {
    const client = key.slice(CLIENTS.length)
    const lock = await storage.lock(lockName(client))
    try {
      if (lock) await work(client, lock)
      else alone = false
    } finally {
      lock?.release()
    }
  }
  return alone
}
