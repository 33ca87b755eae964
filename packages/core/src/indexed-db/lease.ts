import type { Environment } from '../environment/environment.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { StorageLock } from '../storage/client-storage.ts'
import type { Database } from './database.ts'

/** Milliseconds after which a lease that nobody renews is free. */
const LEASE = 15_000
const RENEW = LEASE / 3

interface LeaseRecord {
  readonly holder: string
  readonly expires: number
}

/** A lock that expires (Gray & Cheriton, "Leases", 1989), for pages without Web Locks. */
export interface Lease extends StorageLock {
  /** Calls `proceed` inside the transaction if the lease is still ours, `fail` if not. */
  verify(transaction: IDBTransaction, proceed: () => void, fail: (error: unknown) => void): void
  release(): Promise<void>
}

type LeaseEnvironment = Pick<Environment, 'now' | 'setTimer' | 'id'>

/** Takes the lease unless another holder's has not yet expired; renews it until released or lost. */
export const takeLease = async (
  database: Database,
  name: string,
  environment: LeaseEnvironment,
): Promise<Lease | undefined> => {
  const holder = environment.id()
  let lost = false
  let released = false
  let cancel = (): void => {}

  /** Extends the lease in one transaction if `free` says that the stored one allows it. */
  const extend = (free: (stored: LeaseRecord | undefined) => boolean): Promise<boolean> =>
    database.transact<boolean>(['leases'], 'readwrite', (transaction, done) => {
      const leases = transaction.objectStore('leases')
      const stored = leases.get(name) as IDBRequest<LeaseRecord | undefined>
      stored.onsuccess = () => {
        const allowed = free(stored.result)
        if (allowed) leases.put({ holder, expires: environment.now() + LEASE }, name)
        done(allowed)
      }
    })
  const isMine = (stored: LeaseRecord | undefined): boolean => stored?.holder === holder

  const renew = async (): Promise<void> => {
    try {
      lost = !(await extend(isMine))
    } catch {
      // Storage that refuses once may answer the next time; until then every commit checks the lease itself.
    }
    schedule()
  }
  const schedule = (): void => {
    if (!lost && !released) cancel = environment.setTimer(RENEW, () => void renew())
  }

  const free = (stored: LeaseRecord | undefined): boolean => !stored || stored.expires <= environment.now()
  if (!(await extend(free))) return undefined
  schedule()

  return {
    get lost() {
      return lost
    },
    verify: (transaction, proceed, fail) => {
      const stored = transaction.objectStore('leases').get(name) as IDBRequest<LeaseRecord | undefined>
      stored.onsuccess = () => {
        if (isMine(stored.result)) return proceed()
        lost = true
        fail(new SynclineError('storage-failed', { detail: `The lease ${name} was lost to another page.` }))
      }
    },
    release: async () => {
      if (released) return
      released = true
      cancel()
      await database.transact<void>(['leases'], 'readwrite', (transaction) => {
        const leases = transaction.objectStore('leases')
        const stored = leases.get(name) as IDBRequest<LeaseRecord | undefined>
        stored.onsuccess = () => {
          if (isMine(stored.result)) leases.delete(name)
        }
      })
    },
  }
}
