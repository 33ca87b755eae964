import { SynclineError, type WireError } from '../errors/syncline-error.ts'
import { type HubFrame, PROTOCOL_VERSION } from './frames.ts'

type Fields = Readonly<Record<string, unknown>>

export const isText = (value: unknown): value is string => typeof value === 'string'
export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0
export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isOptional = (value: unknown, is: (value: unknown) => boolean): boolean =>
  value === undefined || is(value)
export const isListOf = (value: unknown, is: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(is)

const isPosition = (value: unknown): value is Fields =>
  isFields(value) && isText(value.epoch) && isCount(value.seq)
export const isAnchor = (value: unknown): boolean => isPosition(value) && isText(value.id)
const isHead = (value: unknown): boolean => Array.isArray(value) && isText(value[0]) && isAnchor(value[1])
export const isEffect = (value: unknown): boolean =>
  isFields(value) && isText(value.channel) && isPosition(value.position)
const isIssue = (value: unknown): boolean =>
  isFields(value) && isText(value.message) && isOptional(value.path, isText)
export const isError = (value: unknown): value is WireError =>
  isFields(value) &&
  isText(value.code) &&
  isOptional(value.detail, isText) &&
  isOptional(value.retryAfter, isCount) &&
  isOptional(value.issues, (issues) => isListOf(issues, isIssue))
const isAnswer = (value: unknown): boolean =>
  Array.isArray(value) &&
  isCount(value[0]) &&
  isText(value[1]) &&
  (value[2] === 'accepted' ? isListOf(value[4], isEffect) : value[2] === 'rejected' && isError(value[3]))

/** Hundreds of messages in a frame: one loop without a call per message. */
const areMessages = (list: unknown): boolean => {
  if (!Array.isArray(list)) return false
  let seq: unknown = list[0]?.[0] ?? 0
  if (!isCount(seq)) return false
  for (const message of list)
    if (
      !Array.isArray(message) ||
      message.length < 5 ||
      message[0] !== seq++ ||
      typeof message[1] !== 'string' ||
      typeof message[2] !== 'number' ||
      typeof message[3] !== 'string' ||
      (message[5] != null && typeof message[5] !== 'string')
    )
      return false
  return true
}

const isStream = (frame: Fields): boolean => isText(frame.client) && isCount(frame.generation)

const isSnapshotBody = (value: unknown): boolean =>
  isFields(value) && isOptional(value.writes, (writes) => isListOf(writes, isText))

/** The frames that speak of a channel. */
const isChannelFrame = (frame: Fields): boolean => {
  switch (frame.type) {
    case 'messages':
      return (
        isText(frame.epoch) &&
        areMessages(frame.messages) &&
        isOptional(frame.after, isText) &&
        isOptional(frame.head, isAnchor)
      )
    case 'joined':
      return (
        isAnchor(frame.start) &&
        isAnchor(frame.head) &&
        areMessages(frame.messages) &&
        isOptional(frame.snapshot, isSnapshotBody)
      )
    case 'page':
      return isAnchor(frame.after) && isAnchor(frame.head) && areMessages(frame.messages)
    case 'snapshot':
      return frame.error === undefined
        ? isAnchor(frame.position) && isSnapshotBody(frame)
        : isError(frame.error)
    case 'refused':
      return isError(frame.error)
    case 'answers':
      return isStream(frame) && isListOf(frame.answers, isAnswer)
    case 'back':
      return isStream(frame) && isCount(frame.expect) && isError(frame.error)
    case 'unknown-stream':
      return isStream(frame) && isOptional(frame.from, isCount)
    // What they hold is checked by the presence stage, which not every client loads.
    case 'members':
    case 'presence':
    case 'entered':
    case 'exited':
      return true
    default:
      return false
  }
}

const isHubFrame = (frame: Fields): boolean => {
  if (isText(frame.channel) && isChannelFrame(frame)) return true
  switch (frame.type) {
    case 'pong':
      return true
    case 'heads':
      return isListOf(frame.heads, isHead)
    case 'welcome':
      return isWelcome(frame)
    case 'bye':
      return isError(frame.error)
    case 'error':
      return isError(frame.error) && isOptional(frame.channel, isText)
    default:
      return false
  }
}

/** What another version's welcome holds is not for this version to judge: it only has to say so. */
const isWelcome = ({ version, session, subject, heartbeat, limits }: Fields): boolean =>
  isCount(version) &&
  (version !== PROTOCOL_VERSION ||
    (isText(session) &&
      isText(subject) &&
      isCount(heartbeat) &&
      heartbeat > 0 &&
      isFields(limits) &&
      isCount(limits.frameBytes) &&
      isCount(limits.writesInFlight) &&
      isCount(limits.channels)))

/**
 * A frame as it came, checked at the boundary. Fields that this version does not know are left alone.
 * Throws `malformed-frame`, also for a type that this version does not know.
 */
export const decodeHubFrame = (value: unknown): HubFrame => {
  if (isFields(value) && isHubFrame(value)) return value as unknown as HubFrame
  const type = isFields(value) && isText(value.type) ? value.type.slice(0, 40) : typeof value
  throw new SynclineError('malformed-frame', { detail: `From the hub: "${type}".` })
}
