import type { HubFrame, Revision, WireMember } from '@syncline/core/protocol'

/** What one who watches knows. */
export interface Known {
  readonly members: ReadonlyMap<string, WireMember>
  readonly revision: Revision | undefined
  /** Frames that began after what was known: something was missed. */
  readonly missed: number
  /** What was seen of each member, in order. */
  readonly seen: readonly string[]
}

const without = (value: object, empty: unknown): object =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== empty))

/** As it is on the wire: what is not there is left out. */
const tidy = (member: object): WireMember => {
  const { typing, ...rest } = without(without(member, null), undefined) as WireMember
  return typing ? { ...rest, typing } : rest
}

/** Folds the frames of one channel as a client does. */
export const foldPresence = (frames: readonly HubFrame[], channel: string): Known => {
  const members = new Map<string, WireMember>()
  const seen: string[] = []
  let revision: Revision | undefined
  let missed = 0
  for (const frame of frames) {
    if (!('channel' in frame) || frame.channel !== channel) continue
    if (frame.type === 'members') {
      members.clear()
      for (const member of frame.members) members.set(member.id, tidy(member))
      revision = frame.revision
    }
    if (frame.type !== 'presence' || !revision) continue
    if (frame.revision[0] !== revision[0] || frame.after > revision[1]) missed++
    revision = frame.revision
    for (const change of frame.changes) {
      const [op, about] = change
      const id = typeof about === 'string' ? about : about.id
      seen.push(`${op} ${id}`)
      if (op === 'enter') members.set(id, tidy(about))
      else if (op === 'leave') members.delete(id)
      else {
        const member = members.get(id)
        if (member) members.set(id, tidy({ ...member, ...change[2] }))
      }
    }
  }
  return { members, revision, missed, seen }
}
