import {
  type ClientStorage,
  type OpenStorage,
  type StorageChange,
  type StorageLock,
  type StorageTable,
  SynclineError,
} from '@syncline/core'
import { createDurableKeeper } from '@syncline/core/durable'
import type { Chance } from './chance.ts'
import type { Machine } from './machine.ts'
import type { Scheduler } from './scheduler.ts'

export type Tables = Readonly<Record<StorageTable, Map<string, unknown>>>

/** The durable storage of one browser or device: it outlives the machines that use it. */
export interface ClientDisk {
  /** The storage as one machine sees it. A commit of it is there or not when the machine dies, never in part. */
  storage(machine: Machine): ClientStorage
  /** While set, nothing can be written (`full`) or nothing works at all (`broken`). */
  trouble: 'full' | 'broken' | undefined
  /** When that was so last: now, while it is; undefined: it never was. */
  readonly troubledAt: number | undefined
  /** What is durable, by storage name. */
  readonly contents: ReadonlyMap<string, Tables>
}

export interface ClientDiskOptions {
  readonly scheduler: Scheduler
  readonly chance: Chance
  /**
   * `queue`: locks end with their holder and can be waited for, as Web Locks. `lease`: they expire a while after
   * their holder sleeps or dies, and cannot be waited for. Default `queue`.
   */
  readonly locks?: 'queue' | 'lease'
  /** Milliseconds that one operation takes at most. Default 4. */
  readonly latency?: number
  /** Called each time that trouble takes effect. */
  readonly happened?: (fault: 'client disk full' | 'client disk broken') => void
}

interface Lock {
  readonly machine: Machine
  readonly held: { lost: boolean }
}

/** How long a lease holds without its holder. */
const LEASE = 10_000

const createTables = (): Tables => ({
  outbox: new Map(),
  streams: new Map(),
  views: new Map(),
  meta: new Map(),
})

const apply = (tables: Tables, change: StorageChange): void => {
  const table = tables[change.table]
  if (change.op === 'put') table.set(change.key, change.value)
  else if (change.op === 'delete') table.delete(change.key)
  else for (const key of [...table.keys()]) if (key >= change.from && key <= change.to) table.delete(key)
}

const copy = (change: StorageChange): StorageChange =>
  change.op === 'put' ? { ...change, value: structuredClone(change.value) } : change

export const createClientDisk = (options: ClientDiskOptions): ClientDisk => {
  const { scheduler, chance, latency = 4, happened = () => {} } = options
  const leases = options.locks === 'lease'
  const contents = new Map<string, Tables>()
  const locks = new Map<string, Lock>()
  const waiting = new Map<string, Set<() => void>>()

  const free = (name: string, lock: Lock): void => {
    if (locks.get(name) !== lock) return
    locks.delete(name)
    for (const wake of [...(waiting.get(name) ?? [])]) wake()
  }
  /** A lease that ran out while nobody renewed it. */
  const hasExpired = ({ machine: { goneSince } }: Lock): boolean =>
    leases && goneSince !== undefined && scheduler.now - goneSince > LEASE

  const open = (machine: Machine, identity: string): OpenStorage => {
    const tables = contents.get(identity) ?? createTables()
    contents.set(identity, tables)
    const mine = new Map<string, Lock>()
    let closed = false
    let last: Promise<unknown> = Promise.resolve()

    const pause = (): Promise<void> =>
      new Promise((resolve) => machine.deliver(chance.below(latency + 1), resolve))
    const never = new Promise<never>(() => {})
    const check = (writes: boolean): void => {
      if (closed) throw new SynclineError('storage-failed', { detail: 'The storage is closed.' })
      if (disk.trouble === 'broken' || (writes && disk.trouble === 'full')) {
        happened(`client disk ${disk.trouble}`)
        throw new SynclineError('storage-failed', { detail: `The disk is ${disk.trouble}.` })
      }
    }
    /** One operation after the other, each some time after it was asked for. */
    const inTurn = <T>(work: () => T): Promise<T> => {
      const done = last.then(async () => {
        await pause()
        if (!machine.act()) return never
        const result = work()
        // Died between the disk's work and hearing of it.
        if (!machine.act()) return never
        await pause()
        return result
      })
      last = done.catch(() => {})
      return done
    }

    const take = (name: string): StorageLock | undefined => {
      const full = `${identity}/${name}`
      const holder = locks.get(full)
      if (holder && !hasExpired(holder)) return undefined
      const held = { lost: false }
      const lock: Lock = { machine, held }
      locks.set(full, lock)
      mine.set(full, lock)
      const handle: StorageLock = {
        get lost() {
          return leases ? held.lost : undefined
        },
        release: () => {
          mine.delete(full)
          free(full, lock)
        },
      }
      names.set(handle, full)
      return handle
    }
    const names = new Map<StorageLock, string>()
    const checkLock = (lock: StorageLock | undefined): void => {
      const name = lock && names.get(lock)
      if (name === undefined || locks.get(name) === mine.get(name)) return
      const own = mine.get(name)
      if (own) own.held.lost = true
      throw new SynclineError('storage-failed', { detail: 'Another holds the lock.' })
    }
    const releaseAll = (): void => {
      for (const [name, lock] of mine) free(name, lock)
      mine.clear()
    }
    machine.onDeath(() => {
      if (!leases) releaseAll()
    })

    return {
      entries: (table, prefix) =>
        inTurn(() => {
          check(false)
          const found = [...tables[table]].filter(([key]) => key.startsWith(prefix))
          return found
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, value]) => [key, structuredClone(value)])
        }),
      get: (table, key) =>
        inTurn(() => {
          check(false)
          return structuredClone(tables[table].get(key))
        }),
      commit: (changes, lock) => {
        const copies = changes.map(copy)
        return inTurn(() => {
          check(true)
          checkLock(lock)
          for (const change of copies) apply(tables, change)
        })
      },
      lock: async (name, wait) => {
        const taken = await inTurn(() => {
          check(false)
          return take(name)
        })
        if (taken || !wait || leases) return taken
        return new Promise((resolve) => {
          const full = `${identity}/${name}`
          const waiters = waiting.get(full) ?? new Set()
          waiting.set(full, waiters)
          const settle = (lock: StorageLock | undefined): void => {
            waiters.delete(wake)
            wait.removeEventListener('abort', abort)
            resolve(lock)
          }
          const wake = (): void => {
            if (!machine.alive) return void waiters.delete(wake)
            const lock = take(name)
            if (lock) settle(lock)
          }
          const abort = (): void => settle(undefined)
          waiters.add(wake)
          wait.addEventListener('abort', abort)
          if (wait.aborted) abort()
          else wake()
        })
      },
      close: async () => {
        await last
        closed = true
        releaseAll()
      },
    }
  }

  let trouble: ClientDisk['trouble']
  let troubledAt: number | undefined
  const disk: ClientDisk = {
    get trouble() {
      return trouble
    },
    set trouble(now) {
      if (trouble || now) troubledAt = scheduler.now
      trouble = now
    },
    get troubledAt() {
      return trouble ? scheduler.now : troubledAt
    },
    contents,
    storage: (machine) => ({
      keeper: createDurableKeeper,
      open: async (identity) => {
        await new Promise<void>((resolve) => machine.deliver(chance.below(latency + 1), resolve))
        if (disk.trouble === 'broken') {
          happened('client disk broken')
          throw new SynclineError('storage-failed', { detail: 'The disk is broken.' })
        }
        return open(machine, identity)
      },
    }),
  }
  return disk
}
