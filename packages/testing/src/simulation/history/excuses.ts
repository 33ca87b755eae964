import type { Plan } from './plan.ts'
import type { Scene } from './scene.ts'
import type { TabWorld } from './tab.ts'

/** What the checkers of a tab ask of the rest: what is to blame on nobody, for it was to be expected. */
export type Excuses = Pick<
  TabWorld,
  | 'isSteady'
  | 'heldElsewhere'
  | 'mayExpire'
  | 'hasForgotten'
  | 'hubMayNotKnow'
  | 'mayBeUnknown'
  | 'hasVersions'
  | 'hasClockTrouble'
  | 'hadDiskTrouble'
>

export const excusesOf = (
  plan: Plan,
  { host, scheduler, chronicle, circumstances, tabs }: Scene,
): Excuses => ({
  isSteady: (list, memberId, quiet) => {
    const { running } = host
    const excused = ['hub clock jumped', 'revoked', 'slow reader', 'latency changed', 'hub fenced off']
    if (!running || circumstances.clockTrouble || excused.some((fault) => chronicle.faults.has(fault)))
      return false
    return tabs.some((tab) => {
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
  mayExpire: () =>
    circumstances.clockTrouble ||
    [
      'half-open link',
      'partition',
      'offline',
      'latency changed',
      'sleeping tab',
      'slow reader',
      'sign-in down',
      'sign-in hangs',
      'sign-in stale',
      'sign-in other',
      'provider outage',
    ].some((fault) => chronicle.faults.has(fault)),
  hasForgotten: () => circumstances.forgotten > 0,
  hubMayNotKnow: ({ committedAt }) =>
    committedAt !== undefined &&
    (plan.hub.limits.streams !== undefined || committedAt <= (host.running?.startedAt ?? scheduler.now)),
  mayBeUnknown: ({ how }) => circumstances.forgotten > 0 || how === 'hang' || how === 'slow',
  hasVersions: () => circumstances.versions,
  hasClockTrouble: () => circumstances.clockTrouble,
  hadDiskTrouble: () => circumstances.diskTrouble,
})
