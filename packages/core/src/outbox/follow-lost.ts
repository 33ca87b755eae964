import type { OpenStorage } from '../storage/client-storage.ts'
import type { Ledger } from './ledger.ts'
import { readMarks } from './marks.ts'
import type { WriteRecord } from './records.ts'
import { isWriteRecord } from './sound-records.ts'
import { Write } from './write.ts'

/** Parks a write here as it is parked in its record. */
export const parkAs = (ledger: Ledger, write: Write, record: WriteRecord): void => {
  if (!record.parked) return
  const { reason, error } = new Write(record)
  ledger.change(write, { at: 'parked', reason, error })
}

/**
 * What another tab made of the writes that it took over: what left the outbox there and was not dropped was committed.
 * A write that is retried takes those behind it along, into the other tab's part: so all parts are looked at.
 */
export const followLost = async (
  storage: OpenStorage,
  ledger: Ledger,
  isLost: (client: string) => boolean,
): Promise<void> => {
  const stored = new Map<string, WriteRecord>()
  for (const [, record] of await storage.entries('outbox', ''))
    if (isWriteRecord(record)) stored.set(record.id, record)
  // After the records: one that goes in between is followed the next time.
  const marks = await readMarks(storage)
  for (const write of [...ledger.writes()]) {
    if (!isLost(write.client)) continue
    const record = stored.get(write.id)
    if (record) parkAs(ledger, write, record)
    else {
      if (!marks.isDropped(write.id)) {
        ledger.change(write, { at: 'sent' })
        ledger.change(write, { at: 'accepted', effects: marks.effects(write.id) })
      }
      ledger.change(write, { at: 'discarded' })
    }
  }
}
