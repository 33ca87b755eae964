import type { OpenStorage, StorageChange } from '../storage/client-storage.ts'

/** In table `meta`: writes that were dropped, and when. A tab that slept meanwhile must not take them for committed. */
const DROPPED = 'dropped/'
/** No tab sleeps for longer, in milliseconds. */
const KEPT = 7 * 86_400_000

/** Notes that the write left the outbox without being committed. */
export const markDropped = (id: string, now: number): StorageChange => ({
  op: 'put',
  table: 'meta',
  key: DROPPED + id,
  value: now,
})

/** The ids of the writes that were dropped. */
export const readDropped = async (storage: OpenStorage): Promise<ReadonlySet<string>> =>
  new Set((await storage.entries('meta', DROPPED)).map(([key]) => key.slice(DROPPED.length)))

/** Deletions of the marks among these entries of `meta` that nobody waits for any more. */
export const deleteOldMarks = (
  entries: readonly (readonly [key: string, value: unknown])[],
  now: number,
): StorageChange[] =>
  entries
    .filter(([key, value]) => key.startsWith(DROPPED) && now - (value as number) > KEPT)
    .map(([key]) => ({ op: 'delete', table: 'meta', key }))
