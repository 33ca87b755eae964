import type {
  ChannelOptions,
  ChannelStateChange,
  InboundMessage,
  RealtimeChannel,
  RealtimeClient,
} from 'ably'

/** The channels that are used at Ably. They outlive attempts, so that what was missed between two comes by itself. */
export interface Subscriptions {
  /** Hears of a change of a channel's state, or of a message; set for as long as somebody wants to know. */
  hear: ((channel: string, change: Partial<ChannelStateChange>, message?: InboundMessage) => void) | undefined
  /** By the name that the app gives them. */
  readonly held: ReadonlyMap<string, RealtimeChannel>
  /**
   * Held from now on, and attached as soon as can be: how that ends is told by its state. One that is being detached
   * has to wait until it is, and to be held again then: else the SDK takes the answer to the one for that to the
   * other. @param name its name at Ably
   */
  hold(channel: string, name: string): RealtimeChannel
  leave(channel: string): void
}

export const createSubscriptions = (
  { channels }: RealtimeClient,
  optionsOf: (channel: string) => ChannelOptions,
): Subscriptions => {
  const held = new Map<string, RealtimeChannel>()
  const subscriptions: Subscriptions = {
    hear: undefined,
    held,
    hold: (key, name) => {
      const known = held.get(key)
      const channel = known ?? channels.get(name, { ...optionsOf(key), attachOnSubscribe: false })
      // How it ends is told by the channel's state, with the reason: `hear` gets both.
      if (!/ing$|attached/.test(channel.state)) channel.attach().catch(() => {})
      if (!known) {
        held.set(key, channel)
        channel.on((change) => subscriptions.hear?.(key, change))
        void channel.subscribe((message) => subscriptions.hear?.(key, {}, message))
      }
      return channel
    },
    leave: (key) => {
      const channel = held.get(key)
      if (!channel) return
      held.delete(key)
      channel.off()
      channel.unsubscribe()
      // What is held again meanwhile must not be forgotten by the SDK.
      const release = () => held.has(key) || channels.release(channel.name)
      channel.detach().then(release, release)
    },
  }
  return subscriptions
}
