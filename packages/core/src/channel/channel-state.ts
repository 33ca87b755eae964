import type { ChannelPhase } from './channel.ts'

/** Everything that decides where a channel stands and what it asks for next. */
export interface ChannelFacts {
  /** Somebody uses the channel, or did a moment ago. */
  readonly wanted: boolean
  /** There is an open session. */
  readonly linked: boolean
  /** A stored position is still being read. */
  readonly loading: boolean
  /** The hub said no. */
  readonly refused: boolean
  /** The hub confirmed the join on this link. */
  readonly joined: boolean
  /** It was live on this link. */
  readonly wasLive: boolean
  /** The head is further than what was received. */
  readonly behind: boolean
  /** What is missing will not come by itself. */
  readonly overdue: boolean
  /** So much waits for validation that no more is taken. */
  readonly full: boolean
  /** The range is gone and its snapshot has not come yet. */
  readonly restoring: boolean
}

/** How a log keeps them: nothing is true yet. */
export const createFacts = (): { -readonly [F in keyof ChannelFacts]: boolean } => ({
  wanted: false,
  linked: false,
  loading: false,
  refused: false,
  joined: false,
  wasLive: false,
  behind: false,
  overdue: false,
  full: false,
  restoring: false,
})

/** Where a channel stands. */
export const phaseOf = (facts: ChannelFacts): ChannelPhase => {
  if (!facts.wanted) return 'idle'
  if (!facts.linked) return 'offline'
  if (facts.refused) return 'refused'
  if (facts.restoring) return 'snapshot'
  if (!facts.joined) return facts.wasLive ? 'gap' : 'catching-up'
  if (!facts.wasLive) return 'catching-up'
  return facts.behind && facts.overdue ? 'gap' : 'live'
}

/** What to ask the hub for next, if anything. */
export const nextRequest = (facts: ChannelFacts): 'join' | 'fetch' | undefined => {
  if (!facts.wanted || !facts.linked || facts.loading) return undefined
  if (!facts.joined) return facts.refused ? undefined : 'join'
  const missing = facts.behind && (facts.overdue || !facts.wasLive)
  return missing && !facts.full ? 'fetch' : undefined
}
