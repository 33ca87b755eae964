import type { AblyLimits } from '../ably-limits.ts'
import { type Item, sizeOf } from '../protocol/item.ts'
import type { Point } from './serials.ts'

/** One publish: its items stay together. */
export interface LogEntry {
  readonly point: Point
  readonly items: readonly Item[]
}

/** Why messages are missing: they are too old (90003) or there were too many (90004). */
export type LossCode = 90003 | 90004 | 90005

/** What one channel still has of what was published; bounded by age, count and bytes. */
export interface MessageLog {
  append(entry: LogEntry): void
  /** Oldest first. */
  entries(): readonly LogEntry[]
  /** Why not everything after this `seq` is still there; undefined if it is. */
  lossAfter(seq: number): LossCode | undefined
  /** Forgets everything, as if it had been lost for this reason. */
  forget(code: LossCode, through: number): void
}

/** @param born the `seq` that was the newest when the channel came to be; what was before is unknown */
export const createMessageLog = (limits: AblyLimits, now: () => number, born: number): MessageLog => {
  let kept: { entry: LogEntry; bytes: number }[] = []
  let first = 0
  let bytes = 0
  let messages = 0
  const lost = new Map<LossCode, number>([[90003, born]])
  const mark = (code: LossCode, seq: number) => lost.set(code, Math.max(seq, lost.get(code) ?? 0))
  const trim = () => {
    const oldest = now() - limits.retention
    for (let next = kept[first]; next; next = kept[first]) {
      const tooOld = next.entry.point.timestamp <= oldest
      if (!tooOld && messages <= limits.retainedMessages && bytes <= limits.retainedBytes) break
      mark(tooOld ? 90003 : 90004, next.entry.point.seq)
      bytes -= next.bytes
      messages -= next.entry.items.length
      first += 1
    }
    if (first > 64 && first * 2 > kept.length) {
      kept = kept.slice(first)
      first = 0
    }
  }
  return {
    append: (entry) => {
      const size = entry.items.reduce((sum, item) => sum + sizeOf(item), 0)
      kept.push({ entry, bytes: size })
      bytes += size
      messages += entry.items.length
      trim()
    },
    entries: () => {
      trim()
      return kept.slice(first).map(({ entry }) => entry)
    },
    lossAfter: (seq) => {
      trim()
      for (const code of [90005, 90004, 90003] as const) if (seq < (lost.get(code) ?? 0)) return code
      return undefined
    },
    forget: (code, through) => {
      kept = []
      first = 0
      bytes = 0
      messages = 0
      mark(code, through)
    },
  }
}
