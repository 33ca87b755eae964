/** What happens, in the order in which it happens: one clock for a whole simulated world. */
export interface Scheduler {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Runs `callback` after `delay` milliseconds; returns the cancellation. Of two at one time the earlier set goes first. */
  after(delay: number, callback: () => void): () => void
  /** Moves the clock by `ms`, running everything due on the way, with all that follows from each before the next. */
  run(ms: number): Promise<void>
  /** Makes `run` return after the event that runs now. */
  stop(): void
  /** Events so far. */
  readonly count: number
  /** There were so many events that it goes on no more. */
  readonly exhausted: boolean
}

interface Event {
  readonly at: number
  readonly order: number
  callback: (() => void) | undefined
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** A binary heap of events. */
const createQueue = () => {
  const heap: Event[] = []
  const swap = (a: number, b: number): void => {
    const event = heap[a] as Event
    heap[a] = heap[b] as Event
    heap[b] = event
  }
  return {
    peek: () => heap[0],
    push: (event: Event): void => {
      heap.push(event)
      for (let at = heap.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1
        if (!isBefore(heap[at] as Event, heap[parent] as Event)) break
        swap(at, parent)
        at = parent
      }
    },
    pop: (): void => {
      const last = heap.pop()
      if (!last || heap.length === 0) return
      heap[0] = last
      for (let at = 0; ; ) {
        const left = 2 * at + 1
        let least = at
        if (left < heap.length && isBefore(heap[left] as Event, heap[least] as Event)) least = left
        if (left + 1 < heap.length && isBefore(heap[left + 1] as Event, heap[least] as Event))
          least = left + 1
        if (least === at) return
        swap(at, least)
        at = least
      }
    },
  }
}

/** One turn of the real event loop: every promise that is ready has run by then. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/**
 * @param start milliseconds since 1970
 * @param most events after which it stops for good: something then keeps itself busy
 */
export const createScheduler = (start = Date.UTC(2026, 0, 1), most = Number.POSITIVE_INFINITY): Scheduler => {
  const queue = createQueue()
  let now = start
  let order = 0
  let count = 0
  let stopped = false

  return {
    get now() {
      return now
    },
    get count() {
      return count
    },
    get exhausted() {
      return count >= most
    },
    after: (delay, callback) => {
      const event: Event = { at: now + Math.max(0, delay), order: order++, callback }
      queue.push(event)
      return () => {
        event.callback = undefined
      }
    },
    stop: () => {
      stopped = true
    },
    run: async (ms) => {
      const until = now + ms
      stopped = false
      await turn()
      for (
        let event = queue.peek();
        event && event.at <= until && !stopped && count < most;
        event = queue.peek()
      ) {
        queue.pop()
        const { callback } = event
        if (!callback) continue
        now = Math.max(now, event.at)
        count++
        callback()
        await turn()
      }
      if (!stopped) now = until
    },
  }
}
