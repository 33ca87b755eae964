import { SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import type { ClientStorage, OpenStorage, StorageChange, StorageTable } from './client-storage.ts'

interface Data {
  readonly tables: Record<StorageTable, Map<string, unknown>>
  readonly locks: Set<string>
}

const createData = (): Data => ({
  tables: { outbox: new Map(), streams: new Map(), views: new Map(), meta: new Map() },
  locks: new Set(),
})

/** Copies what is put before anything is changed: all or nothing, also for a value that can't be copied. */
const copy = (changes: readonly StorageChange[]): readonly StorageChange[] => {
  try {
    return structuredClone(changes)
  } catch (error) {
    throw toSynclineError(error, 'storage-failed')
  }
}

const apply = ({ tables }: Data, change: StorageChange): void => {
  const table = tables[change.table]
  if (change.op === 'put') table.set(change.key, change.value)
  else if (change.op === 'delete') table.delete(change.key)
  else for (const key of [...table.keys()]) if (key >= change.from && key <= change.to) table.delete(key)
}

/**
 * Keeps everything in memory, for as long as this object lives: receipts say `durable: false`. The default
 * storage of a client, and the one for tests.
 */
export const memoryStorage = (): ClientStorage => {
  const identities = new Map<string, Data>()

  const open = async (identity: string): Promise<OpenStorage> => {
    const data = identities.get(identity) ?? createData()
    identities.set(identity, data)
    const { tables, locks } = data
    const held = new Set<string>()
    let closed = false
    const check = (): void => {
      if (closed) throw new SynclineError('storage-failed', { detail: 'Is closed.' })
    }
    return {
      entries: async (table, prefix) => {
        check()
        const keys = [...tables[table].keys()].filter((key) => key.startsWith(prefix))
        return keys.sort().map((key) => [key, structuredClone(tables[table].get(key))])
      },
      get: async (table, key) => {
        check()
        return structuredClone(tables[table].get(key))
      },
      commit: async (changes) => {
        check()
        for (const change of copy(changes)) apply(data, change)
      },
      lock: async (name) => {
        check()
        if (locks.has(name)) return undefined
        locks.add(name)
        held.add(name)
        return { release: () => void (held.delete(name) && locks.delete(name)) }
      },
      close: async () => {
        closed = true
        for (const name of held) locks.delete(name)
        held.clear()
      },
    }
  }

  return { open }
}
