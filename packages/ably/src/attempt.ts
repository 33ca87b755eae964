import {
  type Continuity,
  SynclineError,
  type TransportEvent,
  toSynclineError,
  toWireError,
} from '@syncline/core'
import type { ClientFrame, HubFrame, JoinFrame } from '@syncline/core/protocol'
import { createUplink, type UplinkOpened, type UplinkOptions } from '@syncline/core/uplink'
import type { ChannelStateChange, RealtimeChannel, RealtimeClient } from 'ably'
import type { Subscriber } from 'rxjs'
import { ablyError } from './ably-error.ts'
import type { Line } from './line.ts'
import { encodeChannel } from './names.ts'
import { attach, type Subscriptions } from './subscriptions.ts'
import { addMessage, type Provided, type TokenAnswer } from './wire.ts'

/** Messages that wait at most for the opening to be told; the hub gives them again with the answer to the join. */
const EARLY_BOUND = 1_000
/** Milliseconds until a join is tried again that the hub let in while Ably's token did not. */
const LATER = 1_000

/** One attempt, as the SDK's authCallback sees it. */
export interface Attempt {
  /** A token for what is held now. @throws SynclineError as a rejection, which has ended the attempt */
  token(): Promise<object>
  end(): void
}

interface AttemptOptions {
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
  const { realtime, line, subscriptions, subscriber } = options
  const { held } = subscriptions
  const opening = Array.isArray(options.frames) ? options.frames : [options.frames]
  /** The joins among them wait for the token; what comes first is the hello, whatever it is. */
  const later = opening.filter((frame, index) => index > 0 && frame?.type === 'join')
  /** Joins that wait for their subscription, by channel. */
  const joins = new Map<string, JoinFrame>()
  /** The channels whose join went up. */
  const joined = new Set<string>()
  let granted = new Set<string>()
  let session: UplinkOpened | undefined
  let continuity: Continuity | undefined
  let open = false
  let gathered: unknown[] = []
  let early = 0
  let renewing = false
  let renewAgain = false
  let freshToken = false
  let wake: RealtimeChannel | undefined
  let hangUp: (() => void) | undefined

  const fail = (thrown: unknown) => subscriber.error(toSynclineError(thrown, 'transport-failed'))
  const receive = (frames: readonly unknown[]) => subscriber.next({ type: 'frames', frames })
  const provided = () => session?.provider as Provided
  const checkHeads = () => uplink.send([{ type: 'ping' }])

  const uplink = createUplink({
    ...options.uplink,
    onError: fail,
    onFrames: (frames) => {
      receive(frames.map(vet))
      if (!freshToken) return
      freshToken = false
      renew()
    },
  })

  /** Follows what the hub says of a channel. What it lets in though Ably does not, or not yet, is left again. */
  const vet = (frame: unknown): unknown => {
    const { type, channel = '' } = (frame ?? {}) as { readonly type?: string; readonly channel?: string }
    if (type === 'refused') forget(channel)
    if (type !== 'joined' || isHeard(channel)) return frame
    return leaveRefused(
      channel,
      held.has(channel)
        ? new SynclineError('try-later', { retryAfter: LATER })
        : new SynclineError('invalid-channel', { detail: 'It can have no name at Ably.' }),
    )
  }
  const isHeard = (channel: string) => /^attach/.test(held.get(channel)?.channel.state ?? '')
  const forget = (channel: string) => {
    joins.delete(channel)
    joined.delete(channel)
    subscriptions.leave(channel)
  }

  /** Has the SDK get a token for all that is held now; also what makes it connect. */
  const renew = () => {
    if (subscriber.closed) return
    renewAgain = renewing
    if (renewing) return
    renewing = true
    realtime.auth.authorize().then(() => {
      renewing = false
      if (renewAgain) renew()
      else settle()
    }, fail)
  }
  /** Takes each waiting join a step further. */
  const settle = () => {
    for (const [channel, frame] of joins) {
      const at = held.get(channel)?.channel
      if (granted.has(channel) && at?.state !== 'attached') {
        if (at) attach(at)
      } else if (granted.has(channel) || !renewing) forward(frame)
    }
  }
  const join = (frame: JoinFrame) => {
    const { channel } = frame
    try {
      subscriptions.want(channel, encodeChannel(provided().prefix, channel))
      joins.set(channel, frame)
    } catch {
      forward(frame)
    }
  }
  const forward = (frame: JoinFrame) => {
    joins.delete(frame.channel)
    joined.add(frame.channel)
    uplink.send([frame])
  }
  const leaveRefused = (channel: string, error: SynclineError): HubFrame => {
    if (joined.has(channel)) uplink.send([{ type: 'leave', channel }])
    forget(channel)
    return { type: 'refused', channel, error: toWireError(error) }
  }

  const send = (frames: readonly ClientFrame[]) => {
    if (subscriber.closed) return
    const now: ClientFrame[] = []
    for (const frame of frames) {
      if (frame.type === 'join') join(frame)
      else {
        if (frame.type === 'leave') forget(frame.channel)
        if (frame.type === 'auth') freshToken = true
        now.push(frame)
      }
    }
    if (now.length) uplink.send(now)
    if (now.length === frames.length) return
    for (const channel of joins.keys()) if (!granted.has(channel)) return renew()
    settle()
  }

  const flush = () => {
    if (!open || !gathered.length) return
    const frames = gathered
    gathered = []
    early = 0
    receive(frames)
  }
  /** Told once the channels of the attempt before are back as well, for they say whether anything was missed. */
  const start = () => {
    if (open || !continuity || !session) return
    for (const { channel } of held.values()) if (channel.state === 'attaching') return
    open = true
    subscriber.next({ type: 'open', continuity, send })
    receive(session.frames)
    flush()
    send(later)
  }
  const connected = (next: Continuity) => {
    // With another token, within the attempt: the heads say whether anything was missed.
    if (continuity) return checkHeads()
    continuity = next
    wake = realtime.channels.get(provided().wake, { modes: ['SUBSCRIBE'] })
    wake.subscribe(uplink.poll).then(uplink.poll, fail)
    start()
  }
  const changed = (channel: string, { current, resumed, reason }: ChannelStateChange) => {
    const used = joined.has(channel) || (joins.has(channel) && granted.has(channel))
    if (current === 'attached' && !resumed) {
      if (!open && continuity === 'resumed') continuity = 'lost'
      if (joined.has(channel)) checkHeads()
    } else if (used && (current === 'failed' || current === 'suspended')) {
      const error = ablyError(`Ably gave up ${channel}`, reason)
      if (error.code === 'transport-failed') fail(error)
      else receive([leaveRefused(channel, error)])
    }
    if (joins.has(channel)) settle()
    start()
  }

  subscriptions.listener = {
    changed,
    message: (channel, message) => {
      if (message.clientId !== provided().hub || early++ > EARLY_BOUND) return
      if (!gathered.length) queueMicrotask(flush)
      addMessage(gathered, channel, message)
    },
  }
  uplink
    .open(opening.filter((frame) => !later.includes(frame)))
    .then((answer) => {
      if (subscriber.closed) return
      session = answer
      hangUp = line.dial({ connected, ended: fail }, renew)
    })
    .catch(fail)

  return {
    token: async () => {
      try {
        const answer = (await uplink.act('token', { channels: [...held.keys()] })) as TokenAnswer
        granted = new Set(answer.granted)
        return answer.token
      } catch (error) {
        fail(error)
        throw error
      }
    },
    end: () => {
      subscriptions.listener = undefined
      hangUp?.()
      if (open) subscriptions.prune()
      if (wake) {
        wake.unsubscribe()
        realtime.channels.release(wake.name)
      }
      uplink.close()
    },
  }
}
