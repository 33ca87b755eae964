import type { StorageChange, StorageLock } from './client-storage.ts'

/** One call of `commit`: its changes belong together. */
export interface CommitRequest {
  readonly changes: readonly StorageChange[]
  readonly lock: StorageLock | undefined
}

interface Waiting extends CommitRequest {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Gathers the commits that come while a transaction is on its way into the next one. */
export interface GroupCommit {
  commit(changes: readonly StorageChange[], lock?: StorageLock): Promise<void>
  /** Resolves once everything handed in was written or refused. */
  idle(): Promise<void>
}

/**
 * Group commit (DeWitt et al., "Implementation Techniques for Main Memory Database Systems", 1984): one
 * durable transaction for all that waits, each caller's promise settled when its group is. `write` takes a
 * group, all or nothing. A group that fails is halved until the culprit is alone, so that one commit that
 * can't be written takes no other with it.
 */
export const createGroupCommit = (write: (group: readonly CommitRequest[]) => Promise<void>): GroupCommit => {
  let waiting: Waiting[] = []
  let running: Promise<void> | undefined

  const settle = async (group: readonly Waiting[]): Promise<void> => {
    try {
      await write(group)
    } catch (error) {
      if (group.length === 1) return group[0]!.reject(error)
      const half = group.length >> 1
      await settle(group.slice(0, half))
      return settle(group.slice(half))
    }
    for (const { resolve } of group) resolve()
  }

  const run = async (): Promise<void> => {
    // A microtask later, so that all calls of one turn are in the first group too.
    await undefined
    while (waiting.length) {
      const group = waiting
      waiting = []
      await settle(group)
    }
    running = undefined
  }

  return {
    commit: (changes, lock) =>
      new Promise((resolve, reject) => {
        waiting.push({ changes, lock, resolve, reject })
        running ??= run()
      }),
    idle: () => running ?? Promise.resolve(),
  }
}
