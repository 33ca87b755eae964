import type { Write } from './write.ts'

/** The writes of a lane that have no number: queued in order, held back by their key, and the parked ones. */
export interface WaitingLine {
  readonly size: number
  enqueue(write: Write): void
  /** In front, in order: what was taken out and could not go. */
  putBack(writes: readonly Write[]): void
  /** At most `room` writes from the front whose key is free and that `accept` lets pass. Each takes its key along. */
  take(room: number, accept: (write: Write) => boolean): Write[]
  /** The write is under way again, after a reload: its key is taken. */
  depart(write: Write): void
  /** What was taken is no longer under way: its key is free, unless a parked write holds it. */
  arrive(write: Write): void
  /** Takes out all unsent writes with the key, in order; none without a key. */
  detach(key: string | undefined): Write[]
  remove(write: Write): void
  /** From here on unsent writes with its key wait. */
  park(write: Write): void
  unpark(write: Write): void
}

/**
 * Rule 7: writes with the same key go one after the other, so that a parked one holds back all that came after
 * it with that key, and nothing else. Held writes are set aside when their turn comes, so that a turn never
 * looks at them twice.
 */
export const createWaitingLine = (): WaitingLine => {
  let queue: Write[] = []
  const held = new Map<string, Write[]>()
  const parked = new Set<Write>()
  /** How many writes with a key are parked or under way. */
  const blocks = new Map<string, number>()

  const takeHeld = (key: string): Write[] => {
    const writes = held.get(key) ?? []
    held.delete(key)
    return writes
  }
  const hold = (key: string, write: Write): void => {
    const writes = held.get(key)
    if (writes) writes.push(write)
    else held.set(key, [write])
  }
  const block = ({ key }: Write): void => {
    if (key !== undefined) blocks.set(key, (blocks.get(key) ?? 0) + 1)
  }
  const unblock = ({ key }: Write): void => {
    if (key === undefined) return
    const left = (blocks.get(key) ?? 1) - 1
    if (left) return void blocks.set(key, left)
    blocks.delete(key)
    queue = [...takeHeld(key), ...queue]
  }
  const without = (from: readonly Write[], write: Write): Write[] => from.filter((each) => each !== write)

  return {
    get size() {
      return queue.length + held.size + parked.size
    },
    enqueue: (write) => void queue.push(write),
    putBack: (writes) => {
      if (writes.length) queue = [...writes, ...queue]
    },
    take: (room, accept) => {
      const taken: Write[] = []
      let read = 0
      while (taken.length < room && read < queue.length) {
        const write = queue[read++]!
        if (write.key !== undefined && blocks.has(write.key)) hold(write.key, write)
        else if (accept(write)) {
          taken.push(write)
          block(write)
        }
      }
      if (read) queue.splice(0, read)
      return taken
    },
    detach: (key) => {
      if (key === undefined) return []
      const writes = [...takeHeld(key), ...queue.filter((write) => write.key === key)]
      queue = queue.filter((write) => write.key !== key)
      return writes
    },
    remove: (write) => {
      queue = without(queue, write)
      const others = write.key === undefined ? undefined : held.get(write.key)
      if (!others) return
      const rest = without(others, write)
      if (rest.length) held.set(write.key!, rest)
      else held.delete(write.key!)
    },
    depart: block,
    arrive: unblock,
    park: (write) => {
      parked.add(write)
      block(write)
    },
    unpark: (write) => {
      if (parked.delete(write)) unblock(write)
    },
  }
}
