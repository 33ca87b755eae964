import type { Anchor } from '@syncline/core/protocol'
import type { LiveChannel } from '../channel/live-channel.ts'
import type { Limits } from '../limits.ts'
import type { HubStore, StoredMessage } from '../store/hub-store.ts'

/** What follows a position, or `gone`: the hub cannot prove that it goes on from there. */
export interface LogPage {
  readonly messages: readonly StoredMessage[]
  readonly gone: boolean
}

export interface LogReader {
  /** One page of what follows `after`. The channel must be loaded. */
  pageAfter(channel: LiveChannel, after: Anchor, count: number): Promise<LogPage>
}

const gone: LogPage = { messages: [], gone: true }

/** The id of the message at a position, from memory or the store, and '' at 0. The channel must be loaded. */
export const idAt = async (
  store: HubStore,
  channel: LiveChannel,
  seq: number,
): Promise<string | undefined> => {
  if (seq === 0) return ''
  return channel.recent.idAt(seq) ?? (await store.at(channel.name, seq))?.id
}

/** Reads logs: from memory where it is recent, else from the store, once for all who ask for the same. */
export const createLogReader = (store: HubStore, limits: Limits): LogReader => {
  const read = (channel: LiveChannel, after: number, count: number): Promise<readonly StoredMessage[]> => {
    const key = `${after}:${count}`
    const shared = channel.reads.get(key)
    if (shared !== undefined) return shared
    const reading = store.read(channel.name, after, count, limits.pageBytes)
    channel.reads.set(key, reading)
    const done = () => void channel.reads.delete(key)
    reading.then(done, done)
    return reading
  }

  /** True if `at` is a place in this very log: same epoch, not in the future, and the same message there. */
  const isProven = async (channel: LiveChannel, at: Anchor): Promise<boolean> => {
    if (at.epoch !== channel.head.epoch || at.seq > channel.head.seq) return false
    return (await idAt(store, channel, at.seq)) === at.id
  }

  return {
    pageAfter: async (channel, after, count) => {
      if (!(await isProven(channel, after))) return gone
      if (after.seq >= channel.head.seq) return { messages: [], gone: false }
      const messages = channel.recent.covers(after.seq)
        ? channel.recent.after(after.seq, count, limits.pageBytes)
        : await read(channel, after.seq, count)
      // Retention may have taken what follows: then the first is not the next one.
      return messages[0]?.seq === after.seq + 1 && channel.head.epoch === after.epoch
        ? { messages, gone: false }
        : gone
    },
  }
}
