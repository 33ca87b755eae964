import { SynclineError, type TransportEvent, toSynclineError } from '@syncline/core'
import type { ClientFrame, JoinFrame } from '@syncline/core/protocol'
import { createUplink, type UplinkOpened, type UplinkOptions } from '@syncline/core/uplink'
import type { Subscriber } from 'rxjs'
import type { Dial } from './sdk/create-dialer.ts'
import type { PusherSdk } from './sdk/pusher-settings.ts'
import {
  type AuthorizeAnswer,
  type ChannelSignature,
  FRAME_EVENT,
  type SignedChannel,
  type SignInAnswer,
} from './wire.ts'

/** One attempt, as the client's handlers of signatures see it. */
export interface Attempt {
  /** What signs in on this attempt's socket. Never settles once the attempt is over. */
  readonly user: Promise<SignInAnswer['user']>
  /** What signs the subscription that is being made. */
  signature(name: string): ChannelSignature | undefined
  end(): void
}

interface AttemptOptions {
  readonly sdk: PusherSdk
  readonly dial: Dial
  readonly uplink: Omit<UplinkOptions, 'onFrames' | 'onError'>
  /** The opening. */
  readonly frames: readonly ClientFrame[]
  readonly subscriber: Subscriber<TransportEvent>
}

/**
 * Opens the session over the uplink and the link at Pusher side by side. A join goes up only once the channel is
 * subscribed, so that nothing falls between the subscription and the head; everything else goes up at once.
 */
export const startAttempt = ({ sdk, dial, subscriber, frames, uplink: to }: AttemptOptions): Attempt => {
  const signatures = new Map<string, ChannelSignature>()
  /** Joins that wait for their subscription, by channel. */
  const joins = new Map<string, JoinFrame>()
  /** The channels that are subscribed or about to be, with their names at Pusher. */
  const names = new Map<string, string>()
  let opened: UplinkOpened | undefined
  let connected = false
  /** Why Pusher ended the link, while the hub is asked what it has to say about that. */
  let ended: SynclineError | undefined
  let signIn: (user: SignInAnswer['user']) => void
  const user = new Promise<SignInAnswer['user']>((resolve) => {
    signIn = resolve
  })

  // What is thrown by anything but the uplink is the SDK's: it lacks what encrypted channels take, say. Except where
  // something that is no hub answered, a proxy say: there is nothing in that to read.
  const fail = (thrown: unknown) =>
    subscriber.error(
      toSynclineError(thrown, thrown instanceof TypeError ? 'transport-failed' : 'provider-refused'),
    )
  const receive = (received: readonly unknown[]) => subscriber.next({ type: 'frames', frames: received })
  const receiveOne = (frame: unknown) => receive([frame])

  const uplink = createUplink({
    ...to,
    onError: fail,
    onFrames: (received) => {
      for (const frame of received as readonly { readonly type?: string; readonly channel: string }[])
        if (frame?.type === 'refused') unsubscribe(frame.channel)
      receive(received)
      if (ended) fail(ended)
    },
  })

  const act = <Answer>(action: string, channels?: readonly string[]) =>
    uplink.act(action, { socket: sdk.connection.socket_id, channels }) as Promise<Answer>

  const forward = (channel: string) => {
    const join = joins.get(channel) as JoinFrame
    if (joins.delete(channel)) uplink.send([join])
  }

  const unsubscribe = (channel: string) => {
    joins.delete(channel)
    sdk.unsubscribe(names.get(channel) ?? '')
    names.delete(channel)
  }

  const subscribe = (
    { name, ...signature }: SignedChannel,
    onReady: () => void,
    onFrame: (frame: unknown) => void,
  ) => {
    signatures.set(name, signature)
    const channel = sdk.subscribe(name)
    channel.unbind_all()
    channel.bind(FRAME_EVENT, onFrame)
    channel.bind('pusher:subscription_succeeded', onReady)
    channel.bind('pusher:subscription_error', (refusal: unknown) =>
      // Clients sign nothing themselves.
      fail(new SynclineError('transport-failed', { detail: `Hub's secret: ${JSON.stringify(refusal)}` })),
    )
  }

  const isMissing = (channel: string): boolean => {
    if (sdk.channel(names.get(channel) ?? '')?.subscribed) forward(channel)
    return joins.has(channel)
  }

  const authorize = async (wanted: readonly string[]) => {
    const channels = wanted.filter(isMissing)
    const waiting = channels.map((channel) => joins.get(channel))
    if (!channels.length) return
    const answer = await act<AuthorizeAnswer>('authorize', channels)
    answer.channels.forEach((signed, index) => {
      const channel = channels[index] as string
      if (subscriber.closed || joins.get(channel) !== waiting[index]) return
      if (!signed) forward(channel)
      else if ('error' in signed) {
        joins.delete(channel)
        receiveOne({ type: 'refused', channel, ...signed })
      } else {
        names.set(channel, signed.name)
        subscribe(signed, () => forward(channel), receiveOne)
      }
    })
  }

  const send = (outgoing: readonly ClientFrame[]) => {
    const now: ClientFrame[] = []
    const wanted: string[] = []
    for (const frame of outgoing) {
      if (frame?.type === 'join') {
        joins.set(frame.channel, frame)
        wanted.push(frame.channel)
      } else {
        if (frame?.type === 'leave') unsubscribe(frame.channel)
        now.push(frame)
      }
    }
    if (now.length) uplink.send(now)
    authorize(wanted).catch(fail)
  }

  const signInAndWake = async () => {
    const answer = await act<SignInAnswer>('sign-in')
    if (subscriber.closed) return
    subscribe(answer.wake, uplink.poll, uplink.poll)
    sdk.signin()
    // A copy, and so something to read, whatever was answered.
    signIn({ ...answer.user })
  }

  const start = () => {
    if (!opened || !connected) return
    // Pusher keeps nothing for who was away.
    subscriber.next({ type: 'open', continuity: 'lost', send })
    receive(opened.frames)
    send(frames.slice(1))
    signInAndWake().catch(fail)
  }

  // The hello alone: what follows it goes as it would later.
  uplink
    .open(frames.slice(0, 1))
    .then((answer) => {
      opened = answer
      start()
    })
    .catch(fail)
  const hangUp = dial({
    onConnected: () => {
      connected = true
      start()
    },
    onError: (error, consequence) => {
      if (ended) return
      // A complaint, too: it can only be about a subscription, does not say which, and that would wait for ever.
      if (consequence !== 'terminated' || !opened) return fail(error)
      ended = error
      uplink.poll()
    },
  })

  return {
    user,
    signature: (name) => {
      const signature = signatures.get(name)
      // Asked again for what could not be decrypted: the key is another by now.
      if (!signatures.delete(name)) fail(new SynclineError('transport-failed'))
      return signature
    },
    end: () => {
      hangUp()
      uplink.close()
    },
  }
}
