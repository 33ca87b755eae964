import { RoundPace } from '../fan-out/round-pace.ts'
import type { Limits } from '../limits.ts'
import { RecentMessages } from '../log/recent-messages.ts'
import { Gate } from '../snapshot/gate.ts'
import type { HubStore, StoredMessage } from '../store/hub-store.ts'
import type { LiveChannel } from './live-channel.ts'

export interface LiveChannels {
  readonly size: number
  /** The channel, made and read from the store when it is new. Await its `loading` before using its head. */
  get(name: string): LiveChannel
  /** A handler of another channel has committed something to this one. */
  reached(name: string): void
  /** Takes what was committed into the channel's head and recent messages; undefined: nobody has it in use. */
  applied(name: string, epoch: string, messages: readonly StoredMessage[]): LiveChannel | undefined
}

const unread = { epoch: '', seq: 0, id: '' }

const isIdle = (channel: LiveChannel): boolean =>
  channel.subscribers === 0 &&
  channel.users === 0 &&
  channel.loading === undefined &&
  channel.gate.idle &&
  !channel.dirty

const take = (channel: LiveChannel, epoch: string, messages: readonly StoredMessage[]): void => {
  if (channel.head.epoch !== epoch) {
    channel.head = { epoch, seq: (messages[0]?.seq ?? 1) - 1, id: '' }
    channel.recent.restart(channel.head)
    for (const group of channel.groups) {
      group.through = channel.head.seq
      for (const other of group.others) other.sentThrough = channel.head.seq
    }
  }
  for (const message of messages) {
    if (message.seq <= channel.head.seq) continue
    channel.recent.push(message)
    channel.head = message
  }
  channel.frames.clear()
  channel.heads = undefined
}

/** The channels in use, and the longest unused forgotten when there are too many. */
export const createLiveChannels = (store: HubStore, limits: Limits): LiveChannels => {
  const channels = new Map<string, LiveChannel>()
  let inUse = 0

  const load = async (channel: LiveChannel): Promise<void> => {
    try {
      const { head } = await store.channel(channel.name)
      channel.head = head
      channel.recent.restart(head)
      for (const { epoch, messages } of channel.early) take(channel, epoch, messages)
      channel.loading = undefined
    } catch (error) {
      // The next one who asks reads again.
      if (channels.get(channel.name) === channel) channels.delete(channel.name)
      throw error
    } finally {
      channel.early = []
    }
  }

  const forgetIdle = (): void => {
    if (channels.size <= limits.idleChannels + inUse) return
    inUse = 0
    for (const [name, channel] of channels) {
      if (channels.size <= limits.idleChannels + inUse) return
      if (isIdle(channel)) channels.delete(name)
      else inUse++
    }
  }

  const create = (name: string): LiveChannel => {
    const channel: LiveChannel = {
      name,
      head: unread,
      loading: undefined,
      early: [],
      recent: new RecentMessages(limits.recentMessages, limits.recentBytes),
      gate: new Gate(),
      reached: 0,
      groups: [],
      subscribers: 0,
      users: 0,
      frames: new Map(),
      pace: new RoundPace(),
      heads: undefined,
      dirty: false,
      reads: new Map(),
      snapshots: new Map(),
    }
    forgetIdle()
    channels.set(name, channel)
    channel.loading = load(channel)
    // Whoever needs the head awaits `loading` and gets the failure there.
    channel.loading.catch(() => undefined)
    return channel
  }

  return {
    get size() {
      return channels.size
    },
    get: (name) => channels.get(name) ?? create(name),
    reached: (name) => {
      const channel = channels.get(name)
      if (channel) channel.reached++
    },
    applied: (name, epoch, messages) => {
      const channel = channels.get(name)
      if (!channel) return undefined
      if (channel.loading !== undefined) {
        channel.early.push({ epoch, messages })
        return undefined
      }
      take(channel, epoch, messages)
      return channel
    },
  }
}
