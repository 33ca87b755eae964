import { PROTOCOL_VERSION } from '@syncline/core/protocol'

/** Frames of a hub, by hand. */
export const welcomeFrame: string = JSON.stringify({
  type: 'welcome',
  version: PROTOCOL_VERSION,
  session: 'bench',
  subject: 'anonymous',
  heartbeat: 600_000,
  limits: { frameBytes: 1_000_000, writesInFlight: 256, channels: 2_000 },
})

/** The answer to a join at the head. */
export const joinedFrame = (seq: number, channel = 'feed'): string => {
  const head = { epoch: 'e', seq, id: seq === 0 ? '' : 'bench' }
  return JSON.stringify({ type: 'joined', channel, start: head, head, messages: [], more: false })
}

/** @param messages each as JSON */
export const messagesFrame = (messages: readonly string[], channel = 'feed'): string =>
  `{"type":"messages","channel":"${channel}","epoch":"e","messages":[${messages.join(',')}]}`
