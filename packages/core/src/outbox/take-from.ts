import type { OpenStorage } from '../storage/client-storage.ts'
import type { Taker } from './keeper.ts'
import { takeUnsent } from './take-unsent.ts'

/** In table `meta`: writes that were copied here and may still be in the storage that they came from. */
const TAKEN = 'taken/'

/**
 * Moves the unsent writes of another storage here. First they are stored here with a mark for each, then
 * deleted there, then the marks go: whatever is killed in between, a second call takes none twice, not even
 * one that was sent and answered meanwhile.
 *
 * @param to the storage that `take` stores in
 */
export const takeFrom = async (to: OpenStorage, from: OpenStorage, take: Taker): Promise<number> => {
  const lock = await to.lock('take')
  if (!lock) return 0
  try {
    return await takeUnsent(from, async (records, remove) => {
      const before = new Set((await to.entries('meta', TAKEN)).map(([key]) => key))
      const count = await take(
        records.filter(({ id }) => !before.has(TAKEN + id)),
        ({ id }) => ({ op: 'put', table: 'meta', key: TAKEN + id, value: 1 }),
      )
      await remove()
      await to.commit(records.map(({ id }) => ({ op: 'delete', table: 'meta', key: TAKEN + id })))
      return count
    })
  } finally {
    lock.release()
  }
}
