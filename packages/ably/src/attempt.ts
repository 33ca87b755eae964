import { type Continuity, type ErrorCode, type TransportEvent, toSynclineError } from '@syncline/core'
import type { ClientFrame } from '@syncline/core/protocol'
import { createUplink, type UplinkOptions } from '@syncline/core/uplink'
import type { AuthOptions, RealtimeClient } from 'ably'
import type { Subscriber } from 'rxjs'
import type { Line } from './line.ts'
import type { Subscriptions } from './subscriptions.ts'
import { addMessage, type Provided, type TokenAnswer } from './wire.ts'

/** One attempt, as the SDK client sees it. */
export interface Attempt {
  /** Gives a token for what is held or waited for; where there is none, the attempt is over. */
  authorize(done: Parameters<NonNullable<AuthOptions['authCallback']>>[1]): void
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
  const { realtime, line, subscriptions, subscriber, frames } = options
  const { held, hold } = subscriptions
  /** The channels that are wanted: what goes up once they are subscribed to (a join, at first), true once it did. */
  const wanted = new Map<string, ClientFrame | true>()
  /** The names at Ably of the channels that were granted. */
  const granted = new Map<string, string>()
  /** The welcome, and what came with it. */
  let welcome: readonly unknown[]
  let hub: string
  let wake: string
  let continuity: Continuity | undefined
  let open: boolean | undefined
  let gathered: unknown[] = []
  /** Tokens that are on their way. */
  let renewing = 0
  let hangUp: (() => void) | undefined

  const fail = (thrown: unknown, code: ErrorCode = 'transport-failed') =>
    subscriber.error(toSynclineError(thrown, code))
  const receive = (frames: readonly unknown[]) => subscriber.next({ type: 'frames', frames })

  const uplink = createUplink({
    ...options.uplink,
    onError: fail,
    onFrames: (frames) => {
      // Whether the rest are frames is for core to say.
      for (const { type, channel } of (
        frames as { readonly type: string; readonly channel: string }[]
      ).filter(Boolean))
        if (type === 'refused') leave(channel)
        // `authorize` has changed its mind between the token and the join.
        else if (type === 'joined' && !held.has(channel)) fail(channel)
      receive(frames)
    },
  })

  const leave = (channel: string) => {
    wanted.delete(channel)
    subscriptions.leave(channel)
  }

  /** Has the SDK get a token for all that is wanted now; also what makes it connect. */
  const renew = () => {
    renewing++
    realtime.auth.authorize().then(() => {
      renewing--
      settle()
    }, fail)
  }
  /** Takes each waiting join a step further. What is granted is so once Ably goes by the last token asked for. */
  const settle = () => {
    for (const [channel, frame] of wanted) {
      const name = granted.get(channel)
      if (frame === true || (renewing && !held.has(channel))) continue
      if (name && hold(channel, name).state !== 'attached') continue
      wanted.set(channel, true)
      uplink.send([frame])
    }
  }
  const send = (frames: readonly ClientFrame[]) => {
    let missing = false
    const now = (frame: ClientFrame) => {
      // Ably's token follows the session's. Made too soon it is as short as the last one, and replaced when it ends.
      missing ||= frame.type === 'auth'
      if (frame.type === 'leave') leave(frame.channel)
      missing ||= frame.type === 'join' && !held.has(frame.channel)
      return !(frame.type === 'join' && wanted.set(frame.channel, frame))
    }
    uplink.send(frames.filter(now))
    if (missing) renew()
    else settle()
  }

  /** Told once the channels of the attempt before are back as well, for they say whether anything was missed. */
  const start = () => {
    if (open || !continuity) return
    for (const { state } of held.values()) if (state === 'attaching') return
    open = true
    subscriber.next({ type: 'open', continuity, send })
    receive(welcome)
    send(frames.slice(1))
  }
  const connected = (next: Continuity) => {
    // With another token, within the attempt: each channel asks for its head once it is back.
    if (continuity) return uplink.poll()
    continuity = next
    realtime.channels
      .get(wake, { modes: ['SUBSCRIBE'] })
      .subscribe(uplink.poll)
      .then(uplink.poll, fail)
    start()
  }

  subscriptions.hear = (channel, { current, resumed, reason }, message) => {
    if (message) {
      // What comes before the welcome, the answer to the join has as well.
      if (!open || message.clientId !== hub) return
      if (!gathered.length)
        queueMicrotask(() => {
          receive(gathered)
          gathered = []
        })
      return addMessage(gathered, channel, message)
    }
    const frame = wanted.get(channel)
    if (current === 'attached') {
      if (!resumed) continuity = 'lost'
      if (frame === true) uplink.send([{ type: 'ping' }])
    } else if (frame === true && current === 'failed') {
      // Its token came without this channel: the hub says with another whether that is so, and the heads what was missed.
      subscriptions.leave(channel)
      wanted.set(channel, { type: 'ping' })
      renew()
    } else if (frame && current === 'failed') {
      // Against one that is new Ably has the key's capability, or that there are too many.
      send([{ type: 'leave', channel }])
      receive([{ type: 'refused', channel, error: { code: 'forbidden', detail: reason?.message } }])
    } else if (frame && current === 'suspended') fail(reason)
    settle()
    start()
  }
  // The hello alone: what follows it waits for the subscriptions.
  uplink
    .open(frames.slice(0, 1))
    .then((answer) => {
      welcome = answer.frames
      ;({ hub, wake } = answer.provider as Provided)
      if (!subscriber.closed) hangUp = line.dial(renew, connected, fail)
    })
    .catch(fail)

  return {
    authorize: (done) => {
      uplink
        .act('token', { channels: [...held.keys(), ...wanted.keys()] })
        .then((answer) => {
          for (const [channel, name] of (answer as TokenAnswer).granted) granted.set(channel, name)
          done(null, (answer as TokenAnswer).token)
        })
        .catch((error) => {
          fail(error)
          // As good as none, and refused without a line in the console.
          done(null, '')
        })
    },
    end: () => {
      subscriptions.hear = undefined
      hangUp?.()
      if (open) for (const channel of held.keys()) if (!wanted.has(channel)) subscriptions.leave(channel)
      // A token that still comes would have the next attempt's connection asked for what was wanted in this one.
      wanted.clear()
      realtime.channels.release(wake)
      uplink.close()
    },
  }
}
