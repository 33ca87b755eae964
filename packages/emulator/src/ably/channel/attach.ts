import { AblyError, toWireError } from '../ably-error.ts'
import { allows, type Capability } from '../auth/capability.ts'
import { ACTION, ALL_MODES, FLAG, type Frame, MODE } from '../protocol/frame.ts'
import type { Channel } from './channel.ts'
import { messageFrame } from './channel.ts'
import type { LogEntry, LossCode } from './message-log.ts'
import { syncFrames } from './presence.ts'
import { readRewind, rewindEntries } from './rewind.ts'
import type { Serials } from './serials.ts'

export interface AttachRequest {
  readonly modes: number
  readonly channelSerial: string | undefined
  readonly params: Readonly<Record<string, string>>
  /** The stream goes on: this very socket was attached already. */
  readonly continues: boolean
  /** Positions before this one belong to a connection that could not be resumed; 0 if there was none. */
  readonly expiredBefore: number
}

/**
 * What follows an ATTACH: ATTACHED, what was missed, and who is present.
 *
 * Lost continuity is an ATTACHED without RESUMED and with the reason: 90003 (what is kept follows), 90004, 90005.
 */
export const attachFrames = (
  channel: Channel,
  request: AttachRequest,
  serials: Serials,
  now: () => number,
): readonly Frame[] => {
  const { modes, channelSerial, params, continues, expiredBefore } = request
  const point = channelSerial === undefined ? undefined : serials.parse(channelSerial)
  const lost = channelSerial === undefined || continues ? undefined : lossOf(channel, point, expiredBefore)
  const resumed = continues || (channelSerial !== undefined && lost === undefined)
  const mayRead = (modes & MODE.subscribe) !== 0
  const missed = continues || !mayRead ? [] : replay(channel, point, lost, params.rewind, now)
  const present = (modes & MODE.presenceSubscribe) !== 0 && channel.members.size > 0
  const first = missed[0]?.point
  const attached: Frame = {
    action: ACTION.attached,
    channel: channel.name,
    // Untouched history ends where what follows begins.
    channelSerial: serials.format(first ? { ...first, seq: first.seq - 1 } : serials.last),
    flags:
      modes |
      (resumed ? FLAG.resumed : 0) |
      (missed.length > 0 ? FLAG.hasBacklog : 0) |
      (present ? FLAG.hasPresence : 0),
    ...(Object.keys(params).length > 0 ? { params } : {}),
    ...(lost ? { error: toWireError(new AblyError(lost, LOSSES[lost])) } : {}),
  }
  return [
    attached,
    ...missed.map((entry) => messageFrame(channel.name, serials, entry)),
    ...(present ? syncFrames(channel) : []),
  ]
}

/**
 * The modes that were asked for (all, if none) as far as the capability goes.
 *
 * @throws AblyError 40160 when that is nothing
 */
export const grantModes = (capability: Capability, channel: string, flags: number): number => {
  const asked = flags & ALL_MODES || ALL_MODES
  const may = (operation: string, modes: number) => (allows(capability, channel, operation) ? modes : 0)
  const granted =
    asked &
    (may('subscribe', MODE.subscribe | MODE.presenceSubscribe) |
      may('publish', MODE.publish) |
      may('presence', MODE.presence))
  if (granted === 0) throw new AblyError(40160, `channel ${channel} is denied by the capability`)
  return granted
}

const LOSSES: Readonly<Record<LossCode, string>> = {
  90003: 'unable to recover channel (messages expired)',
  90004: 'unable to recover channel (message limit exceeded)',
  90005: 'unable to recover channel (no matching epoch)',
}

const lossOf = (channel: Channel, point: number | undefined, expiredBefore: number): LossCode | undefined => {
  if (point === undefined) return 90005
  return channel.messages.lossAfter(point) ?? (point < expiredBefore ? 90003 : undefined)
}

const replay = (
  channel: Channel,
  point: number | undefined,
  lost: LossCode | undefined,
  rewind: string | undefined,
  now: () => number,
): readonly LogEntry[] => {
  if (point === undefined) {
    const length = readRewind(rewind)
    return length && !lost ? rewindEntries(channel.messages.entries(), length, now) : []
  }
  if (lost === 90004 || lost === 90005) return []
  return channel.messages.entries().filter((entry) => entry.point.seq > point)
}
