import type { Environment } from '../environment/environment.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { StorageLock } from '../storage/client-storage.ts'
import { type Database, storageFailed } from './database.ts'
import { type Lease, takeLease } from './lease.ts'

/** The locks of one open storage. */
export interface Locks {
  /** With `wait` Web Locks are given once they are free; leases don't wait. */
  take(name: string, wait?: AbortSignal): Promise<StorageLock | undefined>
  /** The lease behind a lock; undefined for Web Locks, which can't be lost. */
  leaseOf(lock: StorageLock | undefined): Lease | undefined
  /** Releases all. */
  close(): Promise<void>
}

/** Web Locks (W3C): held until released or until the page is gone. */
const takeWebLock = (
  manager: LockManager,
  name: string,
  wait: AbortSignal | undefined,
): Promise<StorageLock | undefined> =>
  new Promise((resolve, reject) => {
    manager
      .request(name, wait ? { signal: wait } : { ifAvailable: true }, (lock) => {
        if (!lock) return resolve(undefined)
        return new Promise<void>((release) => resolve({ release }))
      })
      .catch((error: unknown) => (wait?.aborted ? resolve(undefined) : reject(storageFailed(error))))
  })

/** Locks by the Web Locks `manager`, and by leases in the database where there is none. */
export const createLocks = (
  database: Database,
  scope: string,
  manager: LockManager | undefined,
  environment: Pick<Environment, 'now' | 'setTimer' | 'id'>,
): Locks => {
  const held = new Set<StorageLock>()
  const leases = new WeakMap<StorageLock, Lease>()
  const releasing = new Set<Promise<unknown>>()
  let closed = false

  const track = (taken: StorageLock | Lease, lease?: Lease): StorageLock => {
    const lock: StorageLock = {
      get lost() {
        return lease?.lost
      },
      release: () => {
        if (!held.delete(lock)) return
        if (!lease) return taken.release()
        // A release that fails leaves the lease to expire.
        const released = lease.release().catch(() => {})
        releasing.add(released)
        void released.then(() => releasing.delete(released))
      },
    }
    held.add(lock)
    if (lease) leases.set(lock, lease)
    return lock
  }
  const releaseAll = async (): Promise<void> => {
    for (const lock of [...held]) lock.release()
    await Promise.all(releasing)
  }
  // A page that goes frees its leases at once, so that its next life need not wait for them to expire.
  const onPageHide = (): void => void releaseAll()
  const listen = (): void => globalThis.addEventListener?.('pagehide', onPageHide)

  return {
    take: async (name, wait) => {
      if (closed) throw new SynclineError('storage-failed', { detail: 'The storage is closed.' })
      if (manager) {
        const taken = await takeWebLock(manager, `${scope}/${name}`, wait)
        if (!closed) return taken && track(taken)
        taken?.release()
        return undefined
      }
      const lease = await takeLease(database, name, environment)
      if (!lease) return undefined
      listen()
      return track(lease, lease)
    },
    leaseOf: (lock) => {
      if (!lock || manager) return undefined
      const lease = leases.get(lock)
      if (lease && held.has(lock)) return lease
      throw new SynclineError('storage-failed', { detail: 'The lock was released.' })
    },
    close: async () => {
      closed = true
      globalThis.removeEventListener?.('pagehide', onPageHide)
      await releaseAll()
    },
  }
}
