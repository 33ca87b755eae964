import { AblyError } from '../ably-error.ts'
import { type Channel, type ChannelContext, createChannel } from './channel.ts'
import type { LossCode } from './message-log.ts'

/** Channels that exist at a time; idle ones are forgotten first. */
const MAX_CHANNELS = 50_000

export interface Channels {
  /** @throws AblyError 40010 for a name that cannot be, 42910 when there are too many */
  get(name: string): Channel
  all(): Iterable<Channel>
  /** Every position that clients have so far becomes one that cannot be continued. */
  loseContinuity(code: LossCode): void
  /** Forgets the channels that nobody uses and that keep nothing. */
  sweep(): void
}

export const createChannels = (context: ChannelContext): Channels => {
  const channels = new Map<string, Channel>()
  let lost: { code: LossCode; through: number } | undefined
  const sweep = () => {
    for (const [name, channel] of channels) if (channel.isIdle()) channels.delete(name)
  }
  return {
    get: (name) => {
      const known = channels.get(name)
      if (known) return known
      checkChannelName(name)
      if (channels.size >= MAX_CHANNELS) sweep()
      if (channels.size >= MAX_CHANNELS) throw new AblyError(42910, 'too many channels')
      const channel = createChannel(name, context)
      if (lost) channel.messages.forget(lost.code, lost.through)
      channels.set(name, channel)
      return channel
    },
    all: () => channels.values(),
    loseContinuity: (code) => {
      lost = { code, through: context.serials.next().seq }
      for (const { messages } of channels.values()) messages.forget(lost.code, lost.through)
    },
    sweep,
  }
}

/** @throws AblyError 40010 */
export const checkChannelName = (name: string | undefined): string => {
  if (!name || name.length > 2048 || name.startsWith(':') || /[\r\n]/.test(name))
    throw new AblyError(40010, 'invalid channel name')
  if (name.startsWith('['))
    throw new AblyError(40010, 'invalid channel name: the emulator has no qualified or meta channels')
  return name
}
