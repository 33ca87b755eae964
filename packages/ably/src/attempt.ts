import {
  type Continuity,
  type ErrorCode,
  type TransportEvent,
  toSynclineError,
  type WireError,
} from '@syncline/core'
import type { ClientFrame, HubFrame, JoinFrame } from '@syncline/core/protocol'
import { createUplink, type UplinkOpened, type UplinkOptions } from '@syncline/core/uplink'
import type { AuthOptions, RealtimeChannel, RealtimeClient } from 'ably'
import type { Subscriber } from 'rxjs'
import type { Line } from './line.ts'
import type { Subscriptions } from './subscriptions.ts'
import { addMessage, type Provided, type TokenAnswer } from './wire.ts'

/** The join went up. */
const SENT = 1

/** One attempt, as the SDK client sees it. */
export interface Attempt {
  /** Gives a token for what is held or waited for; where there is none, the attempt is over. */
  readonly authorize: NonNullable<AuthOptions['authCallback']>
  end(): void
}

export interface AttemptOptions {
  readonly realtime: RealtimeClient
  readonly line: Line
  readonly subscriptions: Subscriptions
  readonly uplink: Omit<UplinkOptions, 'onFrames' | 'onError'>
  /** The opening. */
  readonly frames: readonly ClientFrame[]
  readonly subscriber: Subscriber<TransportEvent>
}

/**
 * Opens the session over the uplink, which gives the token that the SDK then connects with. A join goes up only once
 * the channel is attached, so that nothing falls between the subscription and the head; what is not granted goes up
 * at once, for the hub to say why. Everything else goes up as it comes.
 */
export const startAttempt = (options: AttemptOptions): Attempt => {
  const { realtime, line, subscriptions, subscriber, frames: opening } = options
  const { held, hold } = subscriptions
  /** The channels that are wanted: their joins while they wait for their subscription, then `SENT`. */
  const wanted = new Map<string, JoinFrame | typeof SENT>()
  /** The names at Ably of the channels that were granted. */
  const granted = new Map<string, string>()
  let session: UplinkOpened | undefined
  let continuity: Continuity | undefined
  let open = false
  let gathered: unknown[] = []
  /** Tokens that are on their way. */
  let renewing = 0
  let wake: RealtimeChannel | undefined
  let hangUp = () => {}

  const fail = (thrown: unknown, code: ErrorCode = 'transport-failed') =>
    subscriber.error(toSynclineError(thrown, code))
  const receive = (frames: readonly unknown[]) => subscriber.next({ type: 'frames', frames })
  const provided = () => session?.provider as Provided
  const checkHeads = () => uplink.send([{ type: 'ping' }])

  const uplink = createUplink({
    ...options.uplink,
    onError: fail,
    onFrames: (frames) => {
      receive((frames as HubFrame[]).map(vet))
    },
  })

  const leave = (channel: string) => {
    wanted.delete(channel)
    subscriptions.leave(channel)
  }
  const refuse = (channel: string, error: WireError): HubFrame => {
    leave(channel)
    uplink.send([{ type: 'leave', channel }])
    return { type: 'refused', channel, error }
  }
  /** Follows what the hub says of a channel; what it let in only after Ably's token was made is tried again. */
  const vet = (frame: HubFrame): HubFrame => {
    if (frame.type === 'refused') leave(frame.channel)
    return frame.type === 'joined' && !held.has(frame.channel)
      ? refuse(frame.channel, { code: 'try-later', retryAfter: 1_000 })
      : frame
  }

  /** Has the SDK get a token for all that is wanted now; also what makes it connect. */
  const renew = () => {
    renewing++
    realtime.auth.authorize().then(() => {
      renewing--
      settle()
    }, fail)
  }
  /** Takes each waiting join a step further. */
  const settle = () => {
    for (const [channel, frame] of wanted) {
      const name = granted.get(channel)
      if (frame === SENT || (name ? hold(channel, name).state !== 'attached' : renewing)) continue
      wanted.set(channel, SENT)
      uplink.send([frame])
    }
  }
  const send = (frames: readonly ClientFrame[]) => {
    if (subscriber.closed) return
    let missing = false
    const now = frames.filter((frame) => {
      // Ably's token follows the session's. Made too soon it is as short as the last one, and replaced when it ends.
      if (frame.type === 'auth') missing = true
      if (frame.type === 'leave') leave(frame.channel)
      if (frame.type !== 'join') return true
      wanted.set(frame.channel, frame)
      missing ||= !granted.has(frame.channel)
      return false
    })
    if (now.length) uplink.send(now)
    if (missing) renew()
    else settle()
  }

  const flush = () => {
    const frames = gathered
    gathered = []
    receive(frames)
  }
  /** Told once the channels of the attempt before are back as well, for they say whether anything was missed. */
  const start = () => {
    if (open || !continuity || !session) return
    for (const { state } of held.values()) if (state === 'attaching') return
    open = true
    subscriber.next({ type: 'open', continuity, send })
    receive(session.frames)
    send(opening.slice(1))
  }
  const connected = (next: Continuity) => {
    // With another token, within the attempt: the heads say whether anything was missed.
    if (continuity) return checkHeads()
    continuity = next
    wake = realtime.channels.get(provided().wake, { modes: ['SUBSCRIBE'] })
    wake.subscribe(uplink.poll).then(uplink.poll, fail)
    start()
  }

  subscriptions.hear = (channel, { current, resumed, reason }, message) => {
    if (message) {
      // What comes before the welcome, the answer to the join has as well.
      if (!open || message.clientId !== provided().hub) return
      if (!gathered.length) queueMicrotask(flush)
      return addMessage(gathered, channel, message)
    }
    const frame = wanted.get(channel)
    if (current === 'attached' && !resumed) {
      if (!open) continuity = 'lost'
      if (frame === SENT) checkHeads()
    } else if (frame && current === 'failed') {
      const code = reason?.code === 40_160 ? 'forbidden' : 'too-many-channels'
      receive([refuse(channel, { code })])
    } else if (frame && current === 'suspended') fail(reason)
    settle()
    start()
  }
  // The hello alone: what follows it waits for the subscriptions.
  uplink.open(opening.slice(0, 1)).then((answer) => {
    session = answer
    if (!subscriber.closed) hangUp = line.dial(renew, connected, fail)
  }, fail)

  return {
    authorize: (_, done) => {
      uplink.act('token', { channels: [...held.keys(), ...wanted.keys()] }).then(
        (answer) => {
          const { token, granted: names } = answer as TokenAnswer
          for (const [channel, name] of names) granted.set(channel, name)
          done(null, token)
        },
        (error) => {
          fail(error)
          done(`${error}`, null)
        },
      )
    },
    end: () => {
      subscriptions.hear = undefined
      hangUp()
      if (open) for (const channel of held.keys()) if (!wanted.has(channel)) subscriptions.leave(channel)
      if (wake) realtime.channels.release(wake.name)
      uplink.close()
    },
  }
}
