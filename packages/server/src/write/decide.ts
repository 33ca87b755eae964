import type { WireWrite } from '@syncline/core/protocol'
import type { StoredAnswer } from '../store/hub-store.ts'

/** What the hub knows of a write that is taken and not yet committed. */
export interface TakenWrite {
  readonly id: string
  readonly hash: string
}

/** What was committed of a stream, as far as it is kept. */
export interface StreamState {
  /** False: the hub has never committed anything of this stream, or has forgotten it. */
  readonly known: boolean
  /** The last number committed. */
  readonly last: number
  /** Kept answers by ascending and contiguous number. */
  readonly answers: readonly StoredAnswer[]
}

export type Decision =
  /** Its turn: take it. */
  | 'run'
  /** Under way already: its answer comes. */
  | 'pending'
  /** Not its turn: send again from `last + taken + 1`. */
  | 'back'
  /** The stream is not known and this is not its first number. */
  | 'unknown'
  /** The number was used for another write. */
  | 'conflict'
  /** Taken before, and the client said that it has the answer. */
  | 'forgotten'
  /** Answered before: this is the answer. */
  | StoredAnswer

/** The hash of a write that gives up its number. */
export const voidHash = 'void'

/** The same write, or one of the two gives the number up. */
const isSame = (known: TakenWrite, write: WireWrite, hash: string): boolean =>
  known.id === write[1] && (known.hash === hash || known.hash === voidHash || write[2] === 'void')

/**
 * Rule 4 of the design as a function: what becomes of a write, by its number and payload. `taken` are the
 * writes under way: numbers `last + 1` and on.
 */
export const decide = (
  { known, last, answers }: StreamState,
  taken: readonly TakenWrite[],
  write: WireWrite,
  hash: string,
): Decision => {
  const n = write[0]
  const next = last + taken.length + 1
  if (n === next) return 'run'
  if (n > next) return known || taken.length > 0 ? 'back' : 'unknown'
  if (n > last) {
    const pending = taken[n - last - 1]
    return pending && isSame(pending, write, hash) ? 'pending' : 'conflict'
  }
  const answer = answers[n - (answers[0]?.n ?? 0)]
  if (!answer) return 'forgotten'
  return isSame(answer, write, hash) ? answer : 'conflict'
}
