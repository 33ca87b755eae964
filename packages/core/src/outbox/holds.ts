import type { Position } from '../protocol/position.ts'
import type { Partition } from './partition.ts'
import type { Write } from './write.ts'

/**
 * Which channels have persisted views: what is accepted on them meanwhile stays stored until a stored view includes the
 * effects, however long that takes. A view that closed without them may be shown again offline.
 */
export interface Holds {
  isHeld(channel: string): boolean
  hold(channel: string): () => void
  settled(channel: string, position: Position): void
}

/** @param progress looks again at which writes are applied */
export const createHolds = (partitions: () => Iterable<Partition>, progress: () => void): Holds => {
  const holds = new Map<string, number>()
  const settle = (channel: string, passes: (write: Write) => boolean): void => {
    for (const partition of partitions()) partition.find(channel)?.settle(passes)
    progress()
  }
  return {
    isHeld: (channel) => holds.has(channel),
    hold: (channel) => {
      holds.set(channel, (holds.get(channel) ?? 0) + 1)
      let released = false
      return () => {
        if (released) return
        released = true
        const left = holds.get(channel)! - 1
        if (left) holds.set(channel, left)
        else holds.delete(channel)
      }
    },
    settled: (channel, { epoch, seq }) =>
      settle(channel, ({ effects }) =>
        effects.every(
          (effect) =>
            effect.channel !== channel || effect.position.epoch !== epoch || effect.position.seq <= seq,
        ),
      ),
  }
}
