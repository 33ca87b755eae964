import { createRecent } from '../operators/recent.ts'
import type { PendingWrite } from '../outbox/outbox.ts'
import type { Position } from '../protocol/position.ts'
import type { ViewSource } from './view-source.ts'

/** The channel's writes of this client, and whose messages are in the view's state already. */
export interface OwnWrites {
  /** This write is in the state. */
  arrived(id: string): unknown
  /** The pending writes whose effects the state lacks, oldest first. */
  overlaid(passed: (position: Position, write: PendingWrite) => boolean): readonly PendingWrite[]
  /** Which of the pending writes, and of those that the `stored` outboxes of all tabs hold, are in the state. */
  seen(stored: readonly Pick<PendingWrite, 'id'>[]): readonly string[]
}

export const createOwnWrites = ({ log, pending$ }: Pick<ViewSource, 'log' | 'pending$'>): OwnWrites => {
  /** Writes that are in the state: recent ones, whose owner is not known yet or another tab, and our own that are pending. */
  const recent = createRecent<string>()
  let ours = new Set<string>()
  let pending: readonly PendingWrite[] = []

  const isIn = ({ id }: Pick<PendingWrite, 'id'>): boolean => ours.has(id) || recent.has(id)
  const idsIn = (writes: readonly Pick<PendingWrite, 'id'>[]) => writes.filter(isIn).map(({ id }) => id)

  return {
    arrived: recent.add,
    overlaid: (passed) => {
      // As the list is now, not as it was last told of: an answer and a message may come in one turn.
      pending = pending$.get()
      ours = new Set(idsIn(pending))
      return pending.filter(
        (write) =>
          !ours.has(write.id) &&
          !write.effects?.every(({ channel, position }) => channel !== log.name || passed(position, write)),
      )
    },
    seen: (stored) => idsIn([...pending, ...stored]),
  }
}
