import type { Plan } from './plan.ts'
import type { Scene } from './scene.ts'
import type { TabWorld } from './tab.ts'

/** What the checkers of a tab ask of the rest: what is to blame on nobody, for it was to be expected. */
export type Excuses = Pick<
  TabWorld,
  | 'isSteady'
  | 'heldElsewhere'
  | 'mayExpire'
  | 'mayBeSetBack'
  | 'hubMayNotKnow'
  | 'mayBeUnknown'
  | 'hadDiskTrouble'
>

/** A client whose disk was full when it was opened tries again after so many milliseconds at most. */
const OPENS_AGAIN = 31_000

export const excusesOf = (
  plan: Plan,
  { host, book, chronicle, circumstances, clientDisks, tabs }: Scene,
): Excuses => ({
  isSteady: (list, memberId, quiet) => {
    const { running } = host
    const excused = ['hub clock jumped', 'revoked', 'slow reader', 'latency changed', 'hub fenced off']
    if (!running || excused.some((fault) => chronicle.faults.has(fault))) return false
    return tabs.some((tab) => {
      // Its session ends with a token whose life it cannot tell by its clock.
      if (plan.tokenLife !== undefined && tab.run?.machine.skew !== 0) return false
      const member = tab.steadyMember(list, quiet)
      return member?.id === memberId && member.connectedAt > running.startedAt
    })
  },
  heldElsewhere: (except) => {
    const held = new Set<string>()
    for (const tab of tabs) {
      const { outbox } = (tab !== except && tab.run?.client) || {}
      if (!outbox) continue
      for (const { id } of [...outbox.pending$.get(), ...outbox.parked$.get()]) held.add(id)
    }
    return held
  },
  mayExpire: ({ machine }) =>
    // The life of a token is told without the time at which it was given.
    machine.skew !== 0 ||
    [
      'half-open link',
      'partition',
      'offline',
      'latency changed',
      'sleeping tab',
      'clock jumped',
      'slow reader',
      'sign-in down',
      'sign-in hangs',
      'sign-in stale',
      'sign-in other',
      'provider outage',
      'hub clock jumped',
    ].some((fault) => chronicle.faults.has(fault)),
  mayBeSetBack: () => circumstances.setbacks.length > 0,
  hubMayNotKnow: ({ committedAt }) => {
    const { running } = host
    if (committedAt === undefined) return false
    if (!running || committedAt <= running.startedAt) return true
    // It forgets a stream only when it would have more than that.
    const { streams } = plan.hub.limits
    return streams !== undefined && running.hub.health().streams >= streams
  },
  mayBeUnknown: ({ sentIn, storage, channel }, session) => {
    if (sentIn === undefined) return false
    /** What was before is in the stream. */
    const isInStream = (at: number): boolean =>
      [...book.all.values()].some(
        (other) =>
          other.storage === storage &&
          other.channel === channel &&
          other.sentIn !== undefined &&
          other.sentIn <= at,
      )
    return circumstances.setbacks.some((at) => at >= sentIn || (sentIn !== session && isInStream(at)))
  },
  hadDiskTrouble: ({ device, madeAt }) => {
    const at = device === undefined ? undefined : clientDisks[device]?.troubledAt
    return at !== undefined && at >= madeAt - OPENS_AGAIN
  },
})
