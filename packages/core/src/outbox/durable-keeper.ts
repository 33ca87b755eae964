import { toSynclineError } from '../errors/syncline-error.ts'
import type { OpenStorage, StorageChange, StorageLock } from '../storage/client-storage.ts'
import { followLost, parkAs } from './follow-lost.ts'
import { createJournal, type Journal } from './journal.ts'
import type { CreateKeeper } from './keeper.ts'
import { deleteOldMarks, markAccepted, markDropped } from './marks.ts'
import { loadPartition, type Partition } from './partition.ts'
import { CLIENTS, clientKey, forgetClient, lockName, type StreamRecord, type WriteRecord } from './records.ts'
import { repair } from './repair.ts'
import { createScopedOrder, type ScopedOrder } from './scoped-order.ts'
import { claimClient } from './tab-lock.ts'
import { takeFrom } from './take-from.ts'
import { Write } from './write.ts'

/** How often other tabs' parts are looked at, in milliseconds. */
const ADOPTION_INTERVAL = 30_000

/**
 * Keeps the outbox in storage that outlives the page, each change before it counts. Rule 10: a tab drains its
 * own part under its own lock, and adopts the parts whose tabs are gone.
 */
export const createDurableKeeper: CreateKeeper = (context) => {
  const { environment, ledger, opened, isClosed } = context
  const partitions = new Map<string, Partition>()
  const locks = new Map<string, StorageLock>()
  /** Of the lanes of each client. */
  const orders = new Map<string, readonly ScopedOrder[]>()
  const journals = new Map<string, readonly Journal[]>()
  /** Clients whose lock another tab took while this page slept, and of whom this page still shows writes. */
  const lost = new Set<string>()
  let storage: OpenStorage
  let own: Partition | undefined
  let adopting: Promise<void> | undefined
  let cancelAdoption = (): void => {}
  /** Clients whose tabs live, and whose locks are waited for. */
  const awaited = new Map<string, Promise<void>>()
  const stopWaiting = new AbortController()

  const fail = (error: unknown): void => context.fail(toSynclineError(error, 'storage-failed'))
  const store = async (client: string, changes: readonly StorageChange[]): Promise<void> => {
    const lock = locks.get(client)
    try {
      await storage.commit(changes, lock)
    } catch (error) {
      if (lock?.lost) lose(client)
      throw error
    }
  }
  const drop = ({ id }: Write): StorageChange => markDropped(id, environment.now())
  /** For the tab whose write it is, if that sleeps: it still shows it. */
  const marks = (write: Write): readonly StorageChange[] => {
    if (write.status.at === 'discarded') return [drop(write)]
    const isTaken = write.client !== own?.client && locks.get(write.client)?.lost === false
    return isTaken ? [markAccepted(write.id, write.effects, environment.now())] : []
  }
  const lanes = {
    ...context.lanes,
    durable: true,
    journal: (client: string) => {
      const journal = createJournal(client, store, marks)
      journals.set(client, [...(journals.get(client) ?? []), journal])
      return journal
    },
  }

  /** The write of a record: a new one, or the one known by this id from before its part was lost to another tab. */
  const recall = (record: WriteRecord): Write => {
    const known = ledger.find(record.id)
    const write = known && !known.removed ? known : new Write(record)
    if (write !== known) ledger.enter(write)
    else parkAs(ledger, write, record)
    return write
  }
  const release = (client: string): void => {
    locks.get(client)?.release()
    locks.delete(client)
  }
  const read = async (client: string, lock: StorageLock): Promise<Partition> => {
    const { part, errors } = await repair(storage, client, lock, environment)
    for (const error of errors) fail(error)
    const held: ScopedOrder[] = []
    const keys = (channel: string): ScopedOrder => {
      const order = createScopedOrder(lanes.keys(channel))
      held.push(order)
      return order
    }
    const partition = await loadPartition({ ...lanes, keys }, part, client, recall)
    orders.set(client, held)
    partitions.set(client, partition)
    lost.delete(client)
    ledger.sort()
    return partition
  }
  const admit = async (client: string, lock: StorageLock): Promise<Partition> => {
    locks.set(client, lock)
    try {
      return await read(client, lock)
    } catch (error) {
      release(client)
      throw error
    }
  }

  const takeOver = async (client: string, lock: StorageLock): Promise<void> => {
    let isThere: boolean
    try {
      isThere = !isClosed() && (await storage.get('meta', clientKey(client))) !== undefined
    } catch (error) {
      lock.release()
      throw error
    }
    // Another tab may have drained it meanwhile.
    if (!isThere) return lock.release()
    await admit(client, lock)
    tidy(client)
  }
  /** Adopts at once what a tab leaves, where the storage tells when its lock is free. */
  const waitFor = (client: string): void => {
    if (awaited.has(client)) return
    const wait = async (): Promise<void> => {
      const lock = await storage.lock(lockName(client), stopWaiting.signal)
      if (lock) await takeOver(client, lock)
    }
    awaited.set(
      client,
      wait()
        .catch(fail)
        .finally(() => awaited.delete(client)),
    )
  }

  const adoptOrphans = async (): Promise<void> => {
    const entries = await storage.entries('meta', '')
    const old = deleteOldMarks(entries, environment.now())
    if (old.length) await storage.commit(old)
    for (const [key] of entries) {
      if (!key.startsWith(CLIENTS)) continue
      const client = key.slice(CLIENTS.length)
      if (partitions.has(client) || locks.has(client) || isClosed()) continue
      const lock = await storage.lock(lockName(client))
      if (lock) await takeOver(client, lock)
      else waitFor(client)
    }
    await follow()
  }
  const adopt = (): Promise<void> => {
    if (isClosed()) return Promise.resolve()
    adopting ??= adoptOrphans()
      .catch(fail)
      .then(() => {
        adopting = undefined
        cancelAdoption()
        if (!isClosed()) cancelAdoption = environment.setTimer(ADOPTION_INTERVAL, () => void adopt())
      })
    return adopting
  }
  /** True when nothing waits in the part: parked and kept writes, and changes to be stored, included. */
  const isEmpty = (partition: Partition): boolean => {
    for (const { committing, dirty } of journals.get(partition.client) ?? [])
      if (committing || dirty) return false
    for (const lane of partition.lanes()) {
      const { sent, accepted } = (lane.toRecord() as { readonly value: unknown }).value as StreamRecord
      if (accepted.length || sent.some((order) => order !== null)) return false
    }
    for (const { client, status } of ledger.writes())
      if (client === partition.client && status.at !== 'accepted') return false
    return true
  }

  /** All of a client goes. A tab that slept through its lease still shows what was adopted from it. */
  const dropAll = (client: string): StorageChange[] => {
    const changes = forgetClient(client)
    if (client !== own?.client)
      for (const write of ledger.writes())
        if (write.client === client && write.status.at !== 'accepted') changes.push(drop(write))
    return changes
  }
  /** An adopted part with nothing left is forgotten, its client id for ever. */
  const tidy = (client: string): void => {
    const partition = partitions.get(client)
    if (!partition || partition === own || !own || isClosed() || !isEmpty(partition)) return
    partitions.delete(client)
    journals.delete(client)
    void store(client, forgetClient(client))
      .catch(fail)
      .then(() => release(client))
  }

  /** This page slept through its lease. It starts over under a new client id and leaves the rest to the other tab. */
  const lose = (client: string): void => {
    const partition = partitions.get(client)
    if (!partition) return
    for (const lane of partition.lanes()) lane.abandon()
    for (const order of orders.get(client) ?? []) order.abandon()
    partitions.delete(client)
    journals.delete(client)
    locks.delete(client)
    lost.add(client)
    // At once: a snapshot may have by now what the other tab has sent.
    void follow().catch(fail)
    if (partition !== own) return
    own = undefined
    context.reload()
  }
  const follow = async (): Promise<void> => {
    if (!lost.size) return
    await followLost(storage, ledger, (client) => lost.has(client))
    const shown = new Set([...ledger.writes()].map(({ client }) => client))
    for (const client of lost) if (!shown.has(client)) lost.delete(client)
  }

  return {
    durable: true,
    partitions,
    get own() {
      return own
    },
    load: async () => {
      storage = await context.open()
      const { client, lock } = await claimClient(storage, environment)
      own = await admit(client, lock)
      context.claimed(client)
      opened()
      await adopt()
      return storage
    },
    commit: (client, changes, dropped) => store(client, dropped ? [...changes(), drop(dropped)] : changes()),
    adopt,
    tidy,
    takeFrom: (other, take) => takeFrom(storage, other, take),
    close: async (forget) => {
      stopWaiting.abort()
      await adopting
      await Promise.all(awaited.values())
      try {
        await Promise.all([...partitions.values()].map((partition) => partition.close()))
        // Resolves after all commits that are still on their way.
        if (own) await storage.commit([])
        // Before another tab gets their locks, and with that what they hold.
        if (forget === 'stored') for (const client of partitions.keys()) await store(client, dropAll(client))
      } finally {
        cancelAdoption()
        for (const lock of locks.values()) lock.release()
      }
    },
  }
}
