import { isEffect } from '../protocol/decode-hub-frame.ts'
import type { Effect } from '../protocol/position.ts'
import type { OpenStorage, StorageChange } from '../storage/client-storage.ts'

/** In table `meta`: writes that were dropped, and when. A tab that slept meanwhile must not take them for committed. */
const DROPPED = 'dropped/'
/** In table `meta`: where those took effect that were accepted, and when. Until it sees that, a tab shows them. */
const ACCEPTED = 'accepted/'
/** No tab sleeps for longer, in milliseconds. */
const KEPT = 7 * 86_400_000

/** What became of writes that another tab took over. */
export interface Marks {
  isDropped(id: string): boolean
  /** Of an accepted write; none where that is not known any more. */
  effects(id: string): readonly Effect[]
}

const put = (key: string, value: unknown): StorageChange => ({ op: 'put', table: 'meta', key, value })

/** Notes that the write left the outbox without being committed. */
export const markDropped = (id: string, now: number): StorageChange => put(DROPPED + id, now)

/** Notes that the write left the outbox because it was accepted. */
export const markAccepted = (id: string, effects: readonly Effect[], now: number): StorageChange =>
  put(ACCEPTED + id, [now, effects])

/** When a mark was made; undefined for what is none. */
const madeAt = (key: string, value: unknown): unknown => {
  if (key.startsWith(DROPPED)) return value
  return key.startsWith(ACCEPTED) && Array.isArray(value) ? value[0] : undefined
}

export const readMarks = async (storage: Pick<OpenStorage, 'entries'>): Promise<Marks> => {
  const [dropped, accepted] = await Promise.all([
    storage.entries('meta', DROPPED),
    storage.entries('meta', ACCEPTED),
  ])
  const gone = new Set(dropped.map(([key]) => key.slice(DROPPED.length)))
  const took = new Map(accepted.map(([key, value]) => [key.slice(ACCEPTED.length), value]))
  return {
    isDropped: (id) => gone.has(id),
    effects: (id) => {
      const mark = took.get(id)
      const effects: unknown = Array.isArray(mark) ? mark[1] : undefined
      return Array.isArray(effects) && effects.every(isEffect) ? effects : []
    },
  }
}

/** Deletions of the marks among these entries of `meta` that nobody waits for any more. */
export const deleteOldMarks = (
  entries: readonly (readonly [key: string, value: unknown])[],
  now: number,
): StorageChange[] =>
  entries
    .filter(([key, value]) => now - (madeAt(key, value) as number) > KEPT)
    .map(([key]) => ({ op: 'delete', table: 'meta', key }))
