import { createRecent } from '../operators/recent.ts'
import type { PendingWrite } from '../outbox/outbox.ts'
import type { Position } from '../protocol/position.ts'
import type { ViewSource } from './view-source.ts'

/** The channel's writes of this client, and whose messages are in the view's state already. */
export interface OwnWrites {
  /** This write is in the state. */
  arrived(id: string): void
  /** The pending writes whose effects the state lacks, oldest first. */
  overlaid(passed: (position: Position) => boolean): readonly PendingWrite[]
  /** Which of the pending writes, and of those that the `stored` outboxes of all tabs hold, are in the state. */
  seen(stored: readonly Pick<PendingWrite, 'id'>[]): readonly string[]
}

export const createOwnWrites = ({
  log,
  pending$,
  loaded$,
}: Pick<ViewSource, 'log' | 'pending$' | 'loaded$'>): OwnWrites => {
  /** Writes that are in the state: our own that are pending, and all recent ones, which may be another tab's. */
  const ours = new Set<string>()
  const recent = createRecent<string>()
  let pending: readonly PendingWrite[] = []
  let pendingIds: ReadonlySet<string> | undefined

  /** The list as it is now, not as it was last told of: an answer and a message may come in one turn. */
  const look = (): void => {
    const writes = pending$.get()
    if (writes === pending) return
    pending = writes
    pendingIds = undefined
    for (const { id } of writes) if (recent.has(id)) ours.add(id)
    if (ours.size && loaded$.get()) {
      const still = new Set(writes.map(({ id }) => id))
      for (const id of ours) if (!still.has(id)) ours.delete(id)
    }
  }

  return {
    arrived: (id) => {
      pendingIds ??= new Set(pending.map((write) => write.id))
      if (pendingIds.has(id)) ours.add(id)
      recent.add(id)
    },
    overlaid: (passed) => {
      look()
      const isOver = ({ id, effects }: PendingWrite): boolean =>
        ours.has(id) ||
        (effects?.every(({ channel, position }) => channel !== log.name || passed(position)) ?? false)
      return pending.filter((write) => !isOver(write))
    },
    seen: (stored) =>
      [...pending, ...stored].map(({ id }) => id).filter((id) => ours.has(id) || recent.has(id)),
  }
}
