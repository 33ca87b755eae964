import { createCollection } from '@tanstack/db'
import { IndexedDBAdapter, type OnlineDetector, startOfflineExecutor } from '@tanstack/offline-transactions'
import { createWrite, type Times, writeAll } from './callers.ts'

/** Their storage, which also tells when a transaction is in it. */
class ObservedAdapter extends IndexedDBAdapter {
  readonly stored = new Map<string, () => void>()

  override async set(key: string, value: string): Promise<void> {
    await super.set(key, value)
    this.stored.get(key)?.()
    this.stored.delete(key)
  }
}

/** Offline until told otherwise. */
const createDetector = (): OnlineDetector => {
  let online = false
  const listeners = new Set<() => void>()
  return {
    isOnline: () => online,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    notifyOnline: () => {
      online = true
      for (const listener of listeners) listener()
    },
    dispose: () => listeners.clear(),
  }
}

/** There is one tab only. */
const alone = {
  requestLeadership: () => Promise.resolve(true),
  releaseLeadership: () => undefined,
  isLeader: () => true,
  onLeadershipChange: () => () => undefined,
}

/** Writes into @tanstack/offline-transactions while it is offline, then lets it drain. Its storage is not strict. */
export const withTanstack = async (name: string, count: number): Promise<Times> => {
  const todos = createCollection<ReturnType<typeof createWrite>, string>({
    id: name,
    getKey: ({ id }) => id,
    startSync: true,
    sync: { sync: ({ markReady }) => markReady() },
  })
  const storage = new ObservedAdapter(name)
  const detector = createDetector()
  let sent = 0
  let drained = () => {}
  const all = new Promise<void>((resolve) => {
    drained = resolve
  })
  const executor = startOfflineExecutor({
    collections: { todos },
    storage,
    onlineDetector: detector,
    leaderElection: alone,
    mutationFns: {
      send: async () => {
        if (++sent === count) drained()
      },
    },
  })
  await executor.waitForInit()
  const write = await writeAll(count, async (n) => {
    const transaction = executor.createOfflineTransaction({ mutationFnName: 'send', autoCommit: false })
    const stored = new Promise<void>((resolve) => storage.stored.set(`tx:${transaction.id}`, resolve))
    transaction.mutate(() => todos.insert(createWrite(n)))
    transaction.commit().catch(() => undefined)
    await stored
  })
  // It takes no notice of being online again in the turn of a write that still finds itself offline, and then never
  // drains (1.0.53): `executeAll` returns the run that is about to end.
  await new Promise((resolve) => setTimeout(resolve))
  const begun = performance.now()
  detector.notifyOnline()
  await all
  while ((await storage.keys()).length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  const drain = performance.now() - begun
  executor.dispose()
  return { write, drain }
}
