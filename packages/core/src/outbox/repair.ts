import type { Environment } from '../environment/environment.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { OpenStorage, StorageChange, StorageLock } from '../storage/client-storage.ts'
import { orderOf, type StreamRecord, type WriteRecord } from './records.ts'
import { isStreamRecord, isWriteRecord } from './sound-records.ts'

/** In table `meta`: what could not be read, as it was. */
const DAMAGED = 'damaged/'

export interface Repaired {
  /** Its part of the storage, now that all of it can be read. */
  readonly part: Pick<OpenStorage, 'entries'>
  /** What could not be read, one `storage-damaged` for each. */
  readonly errors: readonly SynclineError[]
}

type Table = 'outbox' | 'streams'

/** Gives up a number whose write nobody can read any more: if the hub has it, it says what became of it. */
const voidFor = (value: unknown, channel: string, { id, now }: Environment): WriteRecord => {
  const known = (value as Partial<WriteRecord> | null)?.id
  const given = { channel, kind: 'mutate', name: '', json: 'null', version: 0, createdAt: now() } as const
  const record = { ...given, id: known, voided: true }
  return isWriteRecord(record) ? record : { ...given, id: id(), voided: true }
}

/**
 * Reads a client's part of the storage, and first puts right what another version or a defect left in it that cannot
 * be read: it goes to `damaged/…` in table `meta`, and everything else goes on. Where a stream cannot be read nobody
 * knows which of its writes were sent: they are parked as `outcome-unknown`.
 */
export const repair = async (
  storage: OpenStorage,
  client: string,
  lock: StorageLock,
  environment: Environment,
): Promise<Repaired> => {
  const read = (table: Table) => storage.entries(table, `${client}/`)
  const [writes, streams] = await Promise.all([read('outbox'), read('streams')])
  const errors: SynclineError[] = []
  const changes: StorageChange[] = []
  /** The channels of the orders that have a number. */
  const numbered = new Map<number, string>()
  const begun = new Set<string>()

  const setAside = (table: Table, key: string, value: unknown, channel?: string): void => {
    changes.push({ op: 'put', table: 'meta', key: `${DAMAGED}${table}/${key}`, value })
    errors.push(new SynclineError('storage-damaged', { detail: `${table}: ${key}.`, channel }))
  }
  for (const [key, value] of streams) {
    const channel = key.slice(client.length + 1)
    if (isStreamRecord(value)) {
      for (const order of value.sent) if (order !== null) numbered.set(order, channel)
      continue
    }
    begun.add(channel)
    setAside('streams', key, value, channel)
    // Beyond any generation that was counted to: the hub must not take its numbers for those of before.
    const record: StreamRecord = { generation: environment.now(), next: 1, sent: [], accepted: [] }
    changes.push({ op: 'put', table: 'streams', key, value: record })
  }
  for (const [key, value] of writes) {
    const order = orderOf(key)
    const channel = numbered.get(order)
    if (isWriteRecord(value) && Number.isSafeInteger(order) && (channel ?? value.channel) === value.channel) {
      if (!begun.has(value.channel) || value.parked) continue
      const { voided: _, ...rest } = value
      const parked = { reason: 'outcome-unknown', error: { code: 'outcome-unknown' } } as const
      changes.push({ op: 'put', table: 'outbox', key, value: { ...rest, parked } })
      continue
    }
    setAside('outbox', key, value, channel)
    changes.push(
      channel === undefined
        ? { op: 'delete', table: 'outbox', key }
        : { op: 'put', table: 'outbox', key, value: voidFor(value, channel, environment) },
    )
  }
  const found = { outbox: writes, streams }
  if (changes.length) {
    await storage.commit(changes, lock)
    Object.assign(found, { outbox: await read('outbox'), streams: await read('streams') })
  }
  return { part: { entries: async (table) => found[table as Table] }, errors }
}
