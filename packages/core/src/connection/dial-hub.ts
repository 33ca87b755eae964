import type { Environment } from '../environment/environment.ts'
import { fromWireError, SynclineError, toSynclineError } from '../errors/syncline-error.ts'
import { decodeHubFrame } from '../protocol/decode-hub-frame.ts'
import {
  type ClientFrame,
  type HelloFrame,
  type HubFrame,
  PROTOCOL_VERSION,
  type WelcomeFrame,
} from '../protocol/frames.ts'
import type { HubLink } from '../transport/hub-link.ts'
import type { TransportEvent, TransportSession } from '../transport/transport.ts'
import type { AttemptEvents } from './create-connection.ts'
import { dialAttempt } from './dial-attempt.ts'
import { type FrameGatherer, gatherFrames } from './gather-frames.ts'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'

type Open = Extract<TransportEvent, { type: 'open' }>

interface HubDialOptions {
  readonly environment: Environment
  subject?(): string | undefined
  readonly missedHeartbeats?: number | undefined
  hello(): HelloFrame
}

const misplaced = ({ type }: HubFrame): SynclineError =>
  new SynclineError('malformed-frame', { detail: `${type} too early.` })

/** One attempt to reach the hub, and the session that comes of it. Returns the hanging up. */
export const dialHub = (
  session: TransportSession,
  token: string | undefined,
  options: HubDialOptions,
  events: AttemptEvents<HubLink, readonly HubFrame[]>,
): (() => void) => {
  let open: Open | undefined
  let subject: string | undefined
  let heartbeat: Heartbeat | undefined
  let gatherer: FrameGatherer | undefined
  let over = false

  const end = (error: SynclineError) => {
    stop()
    events.ended(error)
  }
  const stop = () => {
    over = true
    heartbeat?.stop()
    gatherer?.close()
  }

  /** What is wrong with the welcome, if anything: checked before anything else is sent. */
  const refusal = (welcome: WelcomeFrame): SynclineError | undefined => {
    if (welcome.version !== PROTOCOL_VERSION)
      return new SynclineError('protocol-version', {
        detail: `The hub: ${welcome.version}, not ${PROTOCOL_VERSION}.`,
      })
    const expected = subject ?? options.subject?.()
    if (expected !== undefined && welcome.subject !== expected)
      return new SynclineError('identity-mismatch', {
        detail: `The hub: "${welcome.subject}", not "${expected}".`,
      })
    return undefined
  }

  const welcomed = (welcome: WelcomeFrame) => {
    const error = open ? refusal(welcome) : misplaced(welcome)
    if (error) return end(error)
    // The hub may repeat it, after a fresh token say: the session stays.
    if (subject !== undefined || !open) return
    subject = welcome.subject
    gatherer = gatherFrames(open.send)
    const { add } = gatherer
    const send = (...frames: readonly ClientFrame[]) => {
      heartbeat?.sent()
      add(frames)
    }
    heartbeat = createHeartbeat({
      environment: options.environment,
      interval: welcome.heartbeat,
      limit: welcome.heartbeat * (options.missedHeartbeats ?? 2),
      ping: () => send({ type: 'ping' }),
      lost: (silence) => end(new SynclineError('heartbeat-timeout', { detail: `Silent for ${silence} ms.` })),
    })
    events.opened(
      { welcome, continuity: open.continuity, send },
      { check: heartbeat.check, renew: (fresh) => send({ type: 'auth', token: fresh }) },
    )
  }

  const deliver = (frames: readonly HubFrame[] | undefined) => {
    if (frames) events.received(frames)
  }

  /** The hot path: every message of every channel comes through here. */
  const receive = (values: readonly unknown[]) => {
    heartbeat?.heard()
    // Most deliveries are one frame: an array that grows takes room for 17.
    let frames: HubFrame[] | undefined
    for (let index = 0; index < values.length && !over; index++) {
      let frame: HubFrame
      try {
        frame = decodeHubFrame(values[index])
      } catch (error) {
        events.report(toSynclineError(error, 'malformed-frame'))
        continue
      }
      switch (frame.type) {
        case 'pong':
          heartbeat?.answered()
          break
        case 'welcome':
          welcomed(frame)
          break
        case 'error':
          events.report(fromWireError(frame.error, frame.channel))
          break
        case 'bye':
          deliver(frames)
          return end(fromWireError(frame.error))
        default:
          if (subject === undefined) events.report(misplaced(frame))
          else if (frames) frames.push(frame)
          else frames = [frame]
      }
    }
    if (!over) deliver(frames)
  }

  const hangUp = dialAttempt(
    session.attempt({ token, frames: [options.hello()] }),
    (event) => {
      if (over) return
      if (event.type === 'frames') receive(event.frames)
      else open = event
    },
    end,
  )
  return () => {
    stop()
    hangUp()
  }
}
