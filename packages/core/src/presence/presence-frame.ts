import { SynclineError } from '../errors/syncline-error.ts'
import type {
  EnteredFrame,
  ExitedFrame,
  HubFrame,
  MembersFrame,
  PresenceFrame,
  Revision,
} from '../protocol/frames.ts'

/** What the hub says about a channel's presence. */
export type PresenceHubFrame = MembersFrame | PresenceFrame | EnteredFrame | ExitedFrame

type Fields = Readonly<Record<string, unknown>>

const isText = (value: unknown): value is string => typeof value === 'string'
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isStatus = (value: unknown): boolean => value === 'active' || value === 'idle' || value === 'away'
const isFlag = (value: unknown): boolean => value === undefined || typeof value === 'boolean'

export const isRevision = (value: unknown): value is Revision =>
  Array.isArray(value) && isText(value[0]) && isCount(value[1])

const isMember = (value: unknown): boolean =>
  isFields(value) &&
  isText(value.id) &&
  isText(value.person) &&
  Number.isFinite(value.since) &&
  isStatus(value.status) &&
  isFlag(value.typing)

const isChange = (value: unknown): boolean => {
  if (!Array.isArray(value)) return false
  const [op, about, shared] = value
  if (op === 'enter') return isMember(about)
  if (!isText(about)) return false
  if (op === 'leave') return true
  return (
    op === 'update' &&
    isFields(shared) &&
    (shared.status === undefined || isStatus(shared.status)) &&
    isFlag(shared.typing)
  )
}

const isSound = (frame: Fields): boolean => {
  switch (frame.type) {
    case 'members':
      return (
        isRevision(frame.revision) &&
        isCount(frame.grace) &&
        Array.isArray(frame.members) &&
        frame.members.every(isMember)
      )
    case 'presence':
      return (
        isCount(frame.after) &&
        isRevision(frame.revision) &&
        Array.isArray(frame.changes) &&
        frame.changes.every(isChange)
      )
    case 'entered':
      return isText(frame.id)
    case 'exited':
      return isFields(frame.error) && isText(frame.error.code)
    default:
      return false
  }
}

/**
 * A frame of presence, checked: the connection lets them through as they are. Undefined for other frames.
 * @throws SynclineError `malformed-frame`.
 */
export const asPresenceFrame = (frame: HubFrame): PresenceHubFrame | undefined => {
  switch (frame.type) {
    case 'members':
    case 'presence':
    case 'entered':
    case 'exited':
      if (isSound(frame as unknown as Fields)) return frame
      throw new SynclineError('malformed-frame', {
        detail: `From the hub: "${frame.type}"`,
        channel: frame.channel,
      })
    default:
      return undefined
  }
}
