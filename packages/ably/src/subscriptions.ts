import type {
  ChannelOptions,
  ChannelStateChange,
  InboundMessage,
  RealtimeChannel,
  RealtimeClient,
} from 'ably'

/** A channel at Ably: attached, on its way there, or refused. */
export interface Subscription {
  readonly channel: RealtimeChannel
  /** Somebody wants it in this attempt. */
  wanted: boolean
}

/** Who hears the channels at the moment. */
export interface SubscriptionListener {
  message(channel: string, message: InboundMessage): void
  changed(channel: string, change: ChannelStateChange): void
}

/** The channels that are used at Ably. They outlive attempts, so that what was missed between two comes by itself. */
export interface Subscriptions {
  listener: SubscriptionListener | undefined
  readonly held: ReadonlyMap<string, Subscription>
  /** Held from now on, and wanted; attaching it is the caller's. @param name its name at Ably */
  want(channel: string, name: string): Subscription
  leave(channel: string): void
  /** The attempt is over: what it did not want is let go of. */
  prune(): void
}

export const createSubscriptions = (
  { channels }: RealtimeClient,
  optionsOf: (name: string) => ChannelOptions,
): Subscriptions => {
  const held = new Map<string, Subscription>()

  const release = (key: string, { channel }: Subscription) => {
    held.delete(key)
    channel.unsubscribe()
    channel.off()
    channels.release(channel.name)
  }
  const subscriptions: Subscriptions = {
    listener: undefined,
    held,
    want: (key, name) => {
      const known = held.get(key)
      if (known) {
        known.wanted = true
        return known
      }
      const channel = channels.get(name, { ...optionsOf(name), attachOnSubscribe: false })
      const subscription = { channel, wanted: true }
      held.set(key, subscription)
      channel.on((change) => subscriptions.listener?.changed(key, change))
      void channel.subscribe((message) => subscriptions.listener?.message(key, message))
      return subscription
    },
    leave: (key) => {
      const subscription = held.get(key)
      if (!subscription) return
      subscription.wanted = false
      const { channel } = subscription
      // Kept until it is detached: one that is wanted again meanwhile must not be forgotten by the SDK.
      const done = () => {
        if (held.get(key) === subscription && !subscription.wanted && channel.state !== 'attached')
          release(key, subscription)
      }
      channel.detach().then(done, done)
    },
    prune: () => {
      for (const [key, subscription] of held) {
        if (!subscription.wanted) release(key, subscription)
        subscription.wanted = false
      }
    },
  }
  return subscriptions
}

/**
 * Attaches a channel; how that ends is told by its state. One that is being detached has to wait until it is: else
 * the SDK takes the answer to the one for that to the other.
 */
export const attach = (channel: RealtimeChannel): void => {
  if (!channel.state.endsWith('ing')) channel.attach().catch(() => {})
}
