import type { Continuity, TransportEvent } from '@syncline/core'
import { SynclineError, toSynclineError, toWireError } from '@syncline/core'
import type { ClientFrame, JoinFrame } from '@syncline/core/protocol'
import { createUplink, type UplinkOpened, type UplinkOptions } from '@syncline/core/uplink'
import type { Subscriber } from 'rxjs'
import { encodeChannel } from './channel-name.ts'
import type { Dial } from './sdk/create-dialer.ts'
import type { PusherSdk } from './sdk/pusher-settings.ts'
import {
  type AuthorizeAnswer,
  type ChannelSignature,
  type EnterAnswer,
  FRAME_EVENT,
  type Provided,
  wakeChannel,
} from './wire.ts'

/** One attempt, as the client's handlers of signatures see it. */
export interface Attempt {
  /** What signs in on this attempt's socket. Never settles once the attempt is over. */
  readonly user: Promise<EnterAnswer['user']>
  /** What signs the subscription that is being made. */
  signature(name: string): ChannelSignature | undefined
  end(): void
}

/** Characters of the longest name that a hub knows: what is longer, or no name, is for the hub to refuse. */
const LONGEST_NAME = 200

const isJoin = (frame: ClientFrame): frame is JoinFrame =>
  frame?.type === 'join' && typeof frame.channel === 'string' && frame.channel.length <= LONGEST_NAME

interface AttemptOptions {
  readonly sdk: PusherSdk
  readonly dial: Dial
  readonly uplink: Omit<UplinkOptions, 'onFrames' | 'onError'>
  /** The opening. */
  readonly frames: readonly ClientFrame[]
  readonly subscriber: Subscriber<TransportEvent>
  continuity(): Continuity
}

/**
 * Opens the session over the uplink and the link at Pusher side by side. A join goes up only once the channel is
 * subscribed, so that nothing falls between the subscription and the head; everything else goes up at once.
 */
export const startAttempt = (options: AttemptOptions): Attempt => {
  const { sdk, subscriber } = options
  const signatures = new Map<string, ChannelSignature>()
  /** Joins that wait for their subscription, by channel. */
  const joins = new Map<string, JoinFrame>()
  const early = [...options.frames].filter(isJoin)
  let opened: UplinkOpened | undefined
  let prefix = ''
  let connected = false
  let signIn: (user: EnterAnswer['user']) => void
  const user = new Promise<EnterAnswer['user']>((resolve) => {
    signIn = resolve
  })

  /** Why Pusher ended the link, while the hub is asked what it has to say about that. */
  let ended: SynclineError | undefined
  const fail = (thrown: unknown) => subscriber.error(toSynclineError(thrown, 'transport-failed'))
  const receive = (frames: readonly unknown[]) => subscriber.next({ type: 'frames', frames })
  const receiveOne = (frame: unknown) => receive([frame])
  const nameOf = (channel: string) => encodeChannel(prefix, channel)

  const uplink = createUplink({
    ...options.uplink,
    onError: fail,
    onFrames: (frames) => {
      for (const frame of frames as readonly { readonly type?: string; readonly channel?: string }[])
        if (frame?.type === 'refused' && frame.channel !== undefined) unsubscribe(frame.channel)
      receive(frames)
      if (ended) fail(ended)
    },
  })

  const forward = (channel: string) => {
    const join = joins.get(channel)
    joins.delete(channel)
    if (join) uplink.send([join])
  }

  const unsubscribe = (channel: string) => {
    joins.delete(channel)
    try {
      sdk.unsubscribe(nameOf(channel))
    } catch {
      // It has no name at Pusher, so it never was subscribed.
    }
  }

  const subscribed = (name: string) => {
    try {
      return sdk.subscribe(name)
    } catch (cause) {
      // Encrypted, and pusher-js lacks what that takes.
      return fail(new SynclineError('provider-refused', { detail: (cause as Error).message, cause }))
    }
  }

  const subscribe = (
    name: string,
    signature: ChannelSignature,
    onReady: () => void,
    onFrame: (frame: unknown) => void,
  ) => {
    signatures.set(name, signature)
    const channel = subscribed(name)
    if (!channel) return
    channel.unbind_all()
    channel.bind(FRAME_EVENT, onFrame)
    channel.bind('pusher:subscription_succeeded', onReady)
    channel.bind('pusher:subscription_error', ({ error }: { readonly error?: unknown }) =>
      fail(new SynclineError('transport-failed', { detail: `Pusher refused ${name}: ${error}` })),
    )
  }

  /** Whether it must be subscribed first. What cannot have a name at Pusher is refused here, as the hub would. */
  const isMissing = (channel: string): boolean => {
    try {
      if (!sdk.channel(nameOf(channel))?.subscribed) return true
      forward(channel)
      return false
    } catch (error) {
      joins.delete(channel)
      receive([{ type: 'refused', channel, error: toWireError(toSynclineError(error)) }])
      return false
    }
  }

  const authorize = async (wanted: readonly string[]) => {
    const channels = wanted.filter((channel) => joins.has(channel) && isMissing(channel))
    if (!channels.length) return
    const waiting = channels.map((channel) => joins.get(channel))
    const answer = await uplink.act('authorize', { socket: sdk.connection.socket_id, channels })
    ;(answer as AuthorizeAnswer).channels.forEach((signature, index) => {
      const channel = channels[index] as string
      if (subscriber.closed || joins.get(channel) !== waiting[index]) return
      // Of one that was refused the hub says why.
      if (!signature) forward(channel)
      else subscribe(nameOf(channel), signature, () => forward(channel), receiveOne)
    })
  }

  const send = (frames: readonly ClientFrame[]) => {
    if (subscriber.closed) return
    const now: ClientFrame[] = []
    const wanted: string[] = []
    for (const frame of frames) {
      if (isJoin(frame)) {
        joins.set(frame.channel, frame)
        wanted.push(frame.channel)
      } else {
        if (frame?.type === 'leave') unsubscribe(frame.channel)
        now.push(frame)
      }
    }
    if (now.length) uplink.send(now)
    if (wanted.length) authorize(wanted).catch(fail)
  }

  const enter = async ({ wake }: UplinkOpened) => {
    const answer = (await uplink.act('enter', { socket: sdk.connection.socket_id })) as EnterAnswer
    if (subscriber.closed) return
    subscribe(wakeChannel(wake), answer.wake, uplink.poll, uplink.poll)
    sdk.signin()
    signIn(answer.user)
  }

  const start = () => {
    if (!opened || !connected || subscriber.closed) return
    subscriber.next({ type: 'open', continuity: options.continuity(), send })
    receive(opened.frames)
    if (early.length) send(early)
    enter(opened).catch(fail)
  }

  uplink
    .open(early.length ? options.frames.filter((frame) => !isJoin(frame)) : options.frames)
    .then((answer) => {
      opened = answer
      prefix = (answer.provider as Provided).prefix
      start()
    })
    .catch(fail)
  const hangUp = options.dial({
    onConnected: () => {
      connected = true
      start()
    },
    onEnd: (error, terminated) => {
      if (ended) return
      if (!terminated || !opened) return fail(error)
      ended = error
      uplink.poll()
    },
    onComplaint: (error) => {
      // Only what waits can be meant, and it would wait for ever.
      if (joins.size) fail(error)
    },
  })

  return {
    user,
    signature: (name) => {
      const signature = signatures.get(name)
      signatures.delete(name)
      if (!signature)
        fail(new SynclineError('transport-failed', { detail: `${name} has another key by now.` }))
      return signature
    },
    end: () => {
      hangUp()
      uplink.close()
    },
  }
}
