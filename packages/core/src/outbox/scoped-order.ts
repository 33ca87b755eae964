import { createKeyOrder, type KeyOrder } from './key-order.ts'
import type { Write } from './write.ts'

/** What one lane sees of an order, and can be taken out of it with all that it holds. */
export interface ScopedOrder extends KeyOrder {
  /** Somebody else has the lane now: what is here holds no key any more. */
  abandon(): void
}

export const createScopedOrder = (shared: KeyOrder): ScopedOrder => {
  let order = shared
  const waiting = new Set<Write>()
  /** Once for each time that it is blocked. */
  const blocking: Write[] = []
  const withKey = ({ key }: Write): boolean => key !== undefined

  return {
    join: (write) => {
      if (withKey(write)) waiting.add(write)
      order.join(write)
    },
    rejoin: (write) => {
      if (withKey(write)) waiting.add(write)
      order.rejoin(write)
    },
    leave: (write) => {
      waiting.delete(write)
      order.leave(write)
    },
    isNext: (write, wake) => order.isNext(write, wake),
    block: (write) => {
      waiting.delete(write)
      if (withKey(write)) blocking.push(write)
      order.block(write)
    },
    unblock: (write) => {
      const index = blocking.indexOf(write)
      if (index >= 0) blocking.splice(index, 1)
      order.unblock(write)
    },
    waiting: (key) => order.waiting(key),
    abandon: () => {
      for (const write of blocking) order.unblock(write)
      for (const write of waiting) order.leave(write)
      blocking.length = 0
      waiting.clear()
      // What still comes of a commit that was on its way is between the lane and itself.
      order = createKeyOrder()
    },
  }
}
