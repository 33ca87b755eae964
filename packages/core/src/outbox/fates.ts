import { fromWireError, type SynclineError } from '../errors/syncline-error.ts'
import type { WireAnswer } from '../protocol/frames.ts'
import type { Effect } from '../protocol/position.ts'
import type { Journal } from './journal.ts'
import type { LaneContext } from './lane.ts'
import type { ParkReason } from './receipt.ts'
import type { WaitingLine } from './waiting-line.ts'
import type { Write } from './write.ts'

/** How writes end: accepted (and kept while a persisted view needs them), parked or dropped. */
export interface Fates {
  /** Accepted, and stored until a persisted view includes them. */
  readonly kept: ReadonlySet<Write>
  answer(write: Write, given: WireAnswer): void
  park(write: Write, reason: ParkReason, error: SynclineError): void
  drop(write: Write): void
  /** The write was accepted before a reload, and kept. */
  recall(write: Write, effects: readonly Effect[]): void
  /** Lets go of the kept writes that pass. Whether they are applied is the ledger's to say. */
  settle(passes: (write: Write) => boolean): void
}

const reasonOf = (code: string): ParkReason => {
  if (code === 'outcome-unknown' || code === 'contract-outdated') return code
  return code === 'handler-timeout' ? 'outcome-unknown' : 'rejected'
}

export const createFates = (
  context: LaneContext,
  channel: string,
  line: WaitingLine,
  journal: Journal,
): Fates => {
  const kept = new Set<Write>()
  const accept = (write: Write, effects: readonly Effect[]): void => {
    write.effects = effects
    context.change(write, { at: 'accepted', effects })
  }
  const park = (write: Write, reason: ParkReason, error: SynclineError): void => {
    write.voided = false
    line.park(write)
    journal.put(write)
    context.change(write, { at: 'parked', reason, error })
  }
  const drop = (write: Write): void => {
    journal.erase(write)
    context.change(write, { at: 'discarded' })
  }

  return {
    kept,
    park,
    drop,
    answer: (write, given) => {
      if (given[2] === 'accepted') {
        const effects = given[4]
        write.acceptedIn = context.link()
        write.outcome = context.accepted(write, given[3])
        accept(write, effects)
        if (context.isHeld(channel) && effects.some((effect) => effect.channel === channel)) kept.add(write)
        else journal.erase(write)
        return
      }
      const error = fromWireError(given[3], channel)
      const reason = reasonOf(error.code)
      if (error.code === 'discarded' || (write.voided && reason !== 'outcome-unknown')) drop(write)
      else park(write, reason, error)
    },
    recall: (write, effects) => {
      kept.add(write)
      write.restored = true
      context.change(write, { at: 'sent' })
      accept(write, effects)
    },
    settle: (passes) => {
      for (const write of kept) {
        if (!passes(write)) continue
        kept.delete(write)
        journal.erase(write)
        write.restored = false
      }
    },
  }
}
