import { type MonoTypeOperatorFunction, Observable } from 'rxjs'
import { canonical } from './canonical.ts'

/** How {@link lastWrite} and {@link mergeLww} read an item. */
export interface LwwOptions<T> {
  /** When it was written; the greater wins. Any unit, the same for all replicas. */
  readonly timestamp: (item: T) => number
  /** Breaks a tie of timestamps: the id of the replica or of the write. The greater by code unit wins. */
  readonly id: (item: T) => string
}

const compare = <V extends number | string>(a: V, b: V): number => (a > b ? 1 : a < b ? -1 : 0)
/** NaN compares with nothing: it is older than everything. */
const timeOf = (timestamp: number): number => (Number.isNaN(timestamp) ? Number.NEGATIVE_INFINITY : timestamp)

/**
 * The winner of two writes to the same thing: the later timestamp, then the greater id, then the greater
 * content. It is commutative, associative and idempotent, so replicas that saw the same writes in any order
 * agree, full ties included (the last-write-wins register of Shapiro et al., "A comprehensive study of
 * Convergent and Commutative Replicated Data Types", 2011, section 3.2).
 */
export const lastWrite = <T>(a: T, b: T, { timestamp, id }: LwwOptions<T>): T =>
  (compare(timeOf(timestamp(a)), timeOf(timestamp(b))) ||
    compare(id(a), id(b)) ||
    compare(canonical(a), canonical(b))) < 0
    ? b
    : a

/**
 * Keeps the last write of one thing, whatever the order in which its writes come; emits when the winner
 * changes.
 *
 * @example
 * merge(local$, remote$).pipe(mergeLww({ timestamp: (t) => t.at, id: (t) => t.replica })).subscribe(show)
 */
export const mergeLww =
  <T>(options: LwwOptions<T>): MonoTypeOperatorFunction<T> =>
  (source) =>
    new Observable((subscriber) => {
      let winner: { readonly item: T } | undefined
      return source.subscribe({
        next: (item) => {
          try {
            if (winner && lastWrite(winner.item, item, options) === winner.item) return
          } catch (error) {
            subscriber.error(error)
            return
          }
          winner = { item }
          subscriber.next(item)
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      })
    })
