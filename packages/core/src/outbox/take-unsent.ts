import type { OpenStorage } from '../storage/client-storage.ts'
import { eachOrphan } from './each-orphan.ts'
import { orderOf, type StreamRecord, type WriteRecord } from './records.ts'

/** Stores records here, then has them removed there; returns how many were new here. */
export type Move = (records: readonly WriteRecord[], remove: () => Promise<void>) => Promise<number>

/** What of a client was never sent, by key. */
const readUnsent = async (from: OpenStorage, client: string): Promise<Map<string, WriteRecord>> => {
  const numbered = new Set<number | null>()
  for (const [, value] of await from.entries('streams', `${client}/`)) {
    const { sent, accepted } = value as StreamRecord
    for (const order of [...sent, ...accepted.map(([each]) => each)]) numbered.add(order)
  }
  const stored = (await from.entries('outbox', `${client}/`)) as [string, WriteRecord][]
  return new Map(stored.filter(([key, { parked }]) => !parked && !numbered.has(orderOf(key))))
}

/** Moves the unsent writes out of another storage, client by client; resolves with the number of new ones. */
export const takeUnsent = async (from: OpenStorage, move: Move): Promise<number> => {
  let count = 0
  // A tab that lives sends its own itself.
  await eachOrphan(from, async (client, lock) => {
    const unsent = await readUnsent(from, client)
    const deletions = [...unsent.keys()].map((key) => ({ op: 'delete', table: 'outbox', key }) as const)
    count += await move([...unsent.values()], () => from.commit(deletions, lock))
  })
  return count
}
