import type { Write } from './write.ts'

/** Rule 7 on one channel: which write of a key is next, whichever of this tab's parts of the outbox it is in. */
export interface KeyOrder {
  /** The write waits: behind those with its key, but before what was written later in another part. */
  join(write: Write): void
  /** The write waits before all others with its key. */
  rejoin(write: Write): void
  /** The write waits no more. */
  leave(write: Write): void
  /** True when nothing with its key goes before it. Else `wake` is called once that is so. */
  isNext(write: Write, wake: () => void): boolean
  /** The write is under way or parked, and no longer among those that wait: until `unblock` its key is taken. */
  block(write: Write): void
  unblock(write: Write): void
  /** Those with the key that wait, in order. */
  waiting(key: string): readonly Write[]
}

interface Key {
  /** How many writes with the key are parked or under way. */
  blocks: number
  waiting: Write[]
}

export const createKeyOrder = (): KeyOrder => {
  const keys = new Map<string, Key>()
  const asleep = new Map<Write, () => void>()

  const keyOf = ({ key }: Write): Key | undefined => {
    if (key === undefined) return undefined
    const known = keys.get(key) ?? { blocks: 0, waiting: [] }
    keys.set(key, known)
    return known
  }
  const remove = (key: Key, write: Write): void => {
    asleep.delete(write)
    const index = key.waiting.indexOf(write)
    if (index >= 0) key.waiting.splice(index, 1)
  }
  /** The next may go, if there is one. */
  const settle = (name: string | undefined, { blocks, waiting }: Key): void => {
    if (blocks || name === undefined) return
    const next = waiting[0]
    if (!next) return void keys.delete(name)
    const wake = asleep.get(next)
    asleep.delete(next)
    wake?.()
  }

  return {
    join: (write) => {
      const key = keyOf(write)
      if (!key) return
      const isBehind = (other: Write | undefined): boolean =>
        other !== undefined && other.client !== write.client && other.createdAt > write.createdAt
      let index = key.waiting.length
      while (isBehind(key.waiting[index - 1])) index--
      key.waiting.splice(index, 0, write)
    },
    rejoin: (write) => void keyOf(write)?.waiting.unshift(write),
    leave: (write) => {
      const key = keyOf(write)
      if (!key) return
      remove(key, write)
      settle(write.key, key)
    },
    isNext: (write, wake) => {
      const key = keyOf(write)
      if (!key || (!key.blocks && key.waiting[0] === write)) return true
      asleep.set(write, wake)
      return false
    },
    block: (write) => {
      const key = keyOf(write)
      if (!key) return
      remove(key, write)
      key.blocks++
    },
    unblock: (write) => {
      const key = keyOf(write)
      if (!key) return
      key.blocks--
      settle(write.key, key)
    },
    waiting: (key) => keys.get(key)?.waiting ?? [],
  }
}

/** The order of each channel. */
export const createKeyOrders = (): ((channel: string) => KeyOrder) => {
  const channels = new Map<string, KeyOrder>()
  return (channel) => {
    const order = channels.get(channel) ?? createKeyOrder()
    channels.set(channel, order)
    return order
  }
}
