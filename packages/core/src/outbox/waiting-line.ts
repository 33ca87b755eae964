import type { KeyOrder } from './key-order.ts'
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
 *
 * @param free runs when a write that was set aside is in the line again
 */
export const createWaitingLine = (order: KeyOrder, free: () => void): WaitingLine => {
  let queue: Write[] = []
  const held = new Set<Write>()
  const parked = new Set<Write>()
  /** Those with a key. */
  const underWay = new Set<Write>()

  const release = (write: Write): void => {
    if (!held.delete(write)) return
    queue.unshift(write)
    free()
  }
  const depart = (write: Write): void => {
    if (write.key === undefined) return
    underWay.add(write)
    order.block(write)
  }
  const arrive = (write: Write): void => {
    if (underWay.delete(write)) order.unblock(write)
  }
  const remove = (write: Write): void => {
    if (!held.delete(write)) queue = queue.filter((each) => each !== write)
    order.leave(write)
  }

  return {
    get size() {
      return queue.length + held.size + parked.size
    },
    enqueue: (write) => {
      order.join(write)
      queue.push(write)
    },
    putBack: (writes) => {
      if (!writes.length) return
      for (const write of writes.slice().reverse()) order.rejoin(write)
      queue = [...writes, ...queue]
    },
    take: (room, accept) => {
      const taken: Write[] = []
      let read = 0
      while (taken.length < room && read < queue.length) {
        const write = queue[read++]!
        if (write.key !== undefined && !order.isNext(write, () => release(write))) {
          held.add(write)
          continue
        }
        depart(write)
        if (accept(write)) taken.push(write)
        else arrive(write)
      }
      if (read) queue.splice(0, read)
      return taken
    },
    depart,
    arrive,
    detach: (key) => {
      if (key === undefined) return []
      const here = new Set([...queue, ...held])
      const writes = order.waiting(key).filter((write) => here.has(write))
      for (const write of writes) remove(write)
      return writes
    },
    remove,
    park: (write) => {
      parked.add(write)
      order.block(write)
    },
    unpark: (write) => {
      if (parked.delete(write)) order.unblock(write)
    },
  }
}
