import { PROTOCOL_VERSION } from '@syncline/core/protocol'

/** Of the log in them: as long as a hub's. */
export const epoch = '3f0c8a52-9d1e-4a57-8d4f-2f6d1f0c9b7e'

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
  const head = { epoch, seq, id: seq === 0 ? '' : 'bench' }
  return JSON.stringify({ type: 'joined', channel, start: head, head, messages: [], more: false })
}

/** @param messages each as JSON */
export const messagesFrame = (messages: readonly string[], channel = 'feed'): string =>
  `{"type":"messages","channel":"${channel}","epoch":"${epoch}","messages":[${messages.join(',')}]}`
