import type { Position, SynclineError } from '@syncline/core'
import type { Anchor } from '@syncline/core/protocol'
import type { Served } from './served.ts'

/** The answer to "may this one use this channel, and from where on". */
export type Access =
  | {
      readonly ok: true
      readonly served: Served
      readonly params: Readonly<Record<string, string>>
      readonly since: Position | undefined
    }
  | { readonly ok: false; readonly error: SynclineError }

/**
 * True if what follows `after` may be seen by one who may see from `since` on. A position of another epoch, or one that
 * the log has not reached, is of a log that is lost, and does not compare: then nothing of the past is shown.
 */
export const mayReadAfter = (after: Anchor, head: Anchor, since: Position | undefined): boolean => {
  if (!since) return true
  const compares = since.epoch === head.epoch && since.seq <= head.seq + 1
  return after.seq >= (compares ? since.seq - 1 : head.seq)
}
