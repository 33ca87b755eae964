import type { Anchor } from '@syncline/core/protocol'
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
  /** The same for one who works with the channel for a while: it is not forgotten before it is `released`. */
  use(name: string): LiveChannel
  /** Whoever used the channel is done with it. */
  released(channel: LiveChannel): void
  /** A handler of another channel has committed something to this one. */
  reached(name: string): void
  /** Takes what was committed into the channel's head and recent messages; undefined: nobody has it in use. */
  applied(name: string, epoch: string, messages: readonly StoredMessage[]): LiveChannel | undefined
  /** The store failed at a commit, which may be there all the same: every head is read again before it is used. */
  doubt(): void
  /** Reads the heads that could not be read. */
  retry(): void
  /** Something that kept the channel is over: somebody has left it, or it was flushed. */
  eased(channel: LiveChannel): void
}

const unread = { epoch: '', seq: 0, id: '' }

/** Somebody is on the channel, or something is on its way that works with it, which ends soon and by itself. */
const isInUse = ({ subscribers, users, loading, unread, gate, dirty }: LiveChannel): boolean =>
  subscribers > 0 || users > 0 || (loading !== undefined && !unread) || !gate.idle || dirty

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

/**
 * The channels in use, and the longest unused forgotten when there are too many.
 *
 * @param grown a head that was doubted is further than it was known to be
 */
export const createLiveChannels = (
  store: HubStore,
  limits: Limits,
  grown: (channel: LiveChannel) => void = () => {},
): LiveChannels => {
  const channels = new Map<string, LiveChannel>()
  /** Those that nothing uses, the longest unused first, and some that are in use again. */
  const unused = new Set<LiveChannel>()

  const forget = (channel: LiveChannel): void => {
    unused.delete(channel)
    if (channels.get(channel.name) === channel) channels.delete(channel.name)
  }

  const readHead = async (channel: LiveChannel): Promise<Anchor> => {
    const { doubts } = channel
    const { head } = await store.channel(channel.name)
    return channel.doubts === doubts ? head : readHead(channel)
  }
  /** True: there is something that nobody was told of. */
  const read = async (channel: LiveChannel): Promise<boolean> => {
    const before = channel.head
    const head = await readHead(channel)
    if (head.seq !== before.seq || head.epoch !== before.epoch) {
      channel.head = head
      channel.recent.restart(head)
      channel.frames.clear()
      channel.heads = undefined
    }
    for (const { epoch, messages } of channel.early) take(channel, epoch, messages)
    channel.loading = undefined
    return before !== unread && channel.head.seq !== before.seq
  }
  const load = async (channel: LiveChannel): Promise<void> => {
    let hasGrown = false
    try {
      hasGrown = await read(channel)
    } catch (error) {
      // The next one who asks reads again. Not forgotten: whoever works with it now may join it, or is in its gate.
      channel.unread = true
      throw error
    } finally {
      channel.early = []
      eased(channel)
    }
    if (hasGrown) grown(channel)
  }
  const startLoading = (channel: LiveChannel): void => {
    channel.unread = false
    channel.loading = load(channel)
    // Whoever needs the head awaits `loading` and gets the failure there.
    channel.loading.catch(() => undefined)
  }

  const forgetIdle = (): void => {
    // Whoever was touched last is about to be used.
    const most = Math.max(1, limits.idleChannels)
    for (const channel of unused) {
      if (unused.size <= most) return
      // One in use is back once that is over.
      if (isInUse(channel)) unused.delete(channel)
      else forget(channel)
    }
  }

  /** It is unused from now on, and another one may be unused for too long. */
  const touch = (channel: LiveChannel): void => {
    unused.delete(channel)
    unused.add(channel)
    forgetIdle()
  }

  const eased = (channel: LiveChannel): void => {
    if (!isInUse(channel) && channels.get(channel.name) === channel) touch(channel)
  }

  const create = (name: string): LiveChannel => {
    const channel: LiveChannel = {
      name,
      head: unread,
      loading: undefined,
      unread: false,
      doubts: 0,
      early: [],
      recent: new RecentMessages(limits.recentMessages, limits.recentBytes),
      gate: new Gate(() => eased(channel)),
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
    channels.set(name, channel)
    touch(channel)
    startLoading(channel)
    return channel
  }

  const get = (name: string): LiveChannel => {
    const channel = channels.get(name)
    if (!channel) return create(name)
    if (channel.unread) startLoading(channel)
    if (channel.subscribers === 0) touch(channel)
    return channel
  }

  return {
    get size() {
      return channels.size
    },
    get,
    use: (name) => {
      const channel = get(name)
      channel.users++
      return channel
    },
    released: (channel) => {
      channel.users--
      eased(channel)
    },
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
    doubt: () => {
      for (const channel of channels.values()) {
        channel.doubts++
        if (channel.loading === undefined || channel.unread) startLoading(channel)
      }
    },
    retry: () => {
      for (const channel of channels.values()) if (channel.unread) startLoading(channel)
    },
    eased,
  }
}
