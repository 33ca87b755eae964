import type { Revision } from '@syncline/core/protocol'
import type { Member } from './member.ts'

const revisionJson = ([era, count]: Revision): string => `[${JSON.stringify(era)},${count}]`

/** Ids are base64url and statuses words: they need no escaping. */
const memberJson = ({ id, person, since, state, status, typing, cursor }: Member): string =>
  `{"id":"${id}","person":${JSON.stringify(person)},"since":${since}${state === undefined ? '' : `,"state":${state}`},"status":"${status}"${typing ? ',"typing":true' : ''}${cursor === undefined ? '' : `,"cursor":${cursor}`}}`

/** What one who knows everything up to the count `after` is told of a member that changed since. */
const changeJson = (member: Member, after: number): string => {
  if (member.left) return `["leave","${member.id}"]`
  if (member.entered > after) return `["enter",${memberJson(member)}]`
  let shared = ''
  if (member.stateAt > after) shared += `,"state":${member.state ?? null}`
  if (member.statusAt > after) shared += `,"status":"${member.status}"`
  if (member.typingAt > after) shared += `,"typing":${member.typing}`
  if (member.cursorAt > after) shared += `,"cursor":${member.cursor ?? null}`
  return `["update","${member.id}",{${shared.slice(1)}}]`
}

/** A `presence` frame: what `changed` shared since the count `known`, for those who stand at `after` or beyond. */
export const presenceFrameJson = (
  channel: string,
  after: number,
  revision: Revision,
  changed: readonly Member[],
  known = after,
): string => {
  let changes = ''
  for (const member of changed) changes += `${changes === '' ? '' : ','}${changeJson(member, known)}`
  return `{"type":"presence","channel":${JSON.stringify(channel)},"after":${after},"revision":${revisionJson(revision)},"changes":[${changes}]}`
}

export const membersFrameJson = (
  channel: string,
  revision: Revision,
  grace: number,
  members: Iterable<Member>,
): string => {
  let list = ''
  for (const member of members) list += `${list === '' ? '' : ','}${memberJson(member)}`
  return `{"type":"members","channel":${JSON.stringify(channel)},"revision":${revisionJson(revision)},"grace":${grace},"members":[${list}]}`
}
