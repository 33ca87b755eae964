import { AblyError } from '../ably-error.ts'
import type { LogEntry } from './message-log.ts'

/** The most messages that a rewind brings. */
const MAX_MESSAGES = 100
const MAX_PERIOD = 120_000

/** So many messages, or those of so many milliseconds. */
export type Rewind = { readonly count: number } | { readonly period: number }

/** @throws AblyError 40003 for anything but a number of messages, `15s` or `2m` */
export const readRewind = (text: string | undefined): Rewind | undefined => {
  if (text === undefined) return undefined
  const match = /^(\d{1,9})([sm]?)$/.exec(text)
  if (!match) throw new AblyError(40003, `rewind must be a number of messages, seconds (s) or minutes (m)`)
  const amount = Number(match[1])
  if (!match[2]) return { count: Math.min(amount, MAX_MESSAGES) }
  return { period: Math.min(amount * (match[2] === 's' ? 1000 : 60_000), MAX_PERIOD) }
}

export const rewindEntries = (
  entries: readonly LogEntry[],
  rewind: Rewind,
  now: () => number,
): readonly LogEntry[] => {
  const oldest = 'period' in rewind ? now() - rewind.period : 0
  const count = 'count' in rewind ? rewind.count : MAX_MESSAGES
  const chosen: LogEntry[] = []
  let left = count
  for (const entry of [...entries].reverse()) {
    if (left <= 0 || entry.point.timestamp < oldest) break
    // A publish is kept whole; of the oldest one, only what still fits.
    const items = entry.items.slice(-left)
    left -= items.length
    chosen.unshift({ point: entry.point, items })
  }
  return chosen
}
