import type { Environment } from '../environment/environment.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { OpenStorage, StorageLock } from '../storage/client-storage.ts'
import type { Claim } from './keeper.ts'
import { clientKey, lockName } from './records.ts'

/** Where a tab remembers its client ids, newest first: one for each identity that it was used with. */
const TAB_KEY = 'syncline:client'
/** As many as a tab remembers. */
const REMEMBERED = 8

interface TabClaim extends Claim {
  readonly lock: StorageLock
}

/** Takes the client's lock, and keeps it if `proves` says so. */
const take = async (
  storage: OpenStorage,
  client: string,
  proves: (lock: StorageLock) => Promise<boolean>,
): Promise<TabClaim | undefined> => {
  const lock = await storage.lock(lockName(client))
  if (!lock) return undefined
  let keeps = false
  try {
    keeps = await proves(lock)
  } finally {
    if (!keeps) lock.release()
  }
  return keeps ? { client, lock } : undefined
}

/**
 * The client id of this tab, under an exclusive lock (rule 10): the one from before a reload, or a new one
 * when that is taken (a duplicated tab copies `sessionStorage`) or its part of the storage is gone. Another
 * person's storage has an id of its own, which is there again when that person comes back.
 */
export const claimClient = async (storage: OpenStorage, environment: Environment): Promise<TabClaim> => {
  const known = environment.tab.get(TAB_KEY)?.split(' ') ?? []
  for (const client of known) {
    // Another tab may have drained this client and forgotten it; its stream numbers must not be used again.
    const isThere = async (): Promise<boolean> => (await storage.get('meta', clientKey(client))) !== undefined
    const claimed = await take(storage, client, isThere)
    if (claimed) return claimed
  }
  const client = environment.id()
  const claimed = await take(storage, client, async (lock) => {
    const record = { createdAt: environment.now() }
    await storage.commit([{ op: 'put', table: 'meta', key: clientKey(client), value: record }], lock)
    return true
  })
  if (!claimed) throw new SynclineError('storage-failed', { detail: 'The lock of a new client id is taken.' })
  environment.tab.set(TAB_KEY, [client, ...known].slice(0, REMEMBERED).join(' '))
  return claimed
}
