import { type Environment, type LifecycleSignal, SynclineError } from '@syncline/core'
import { Subject } from 'rxjs'

/** An environment whose clock stands still until told to move. */
export interface VirtualTime {
  readonly environment: Environment
  /** Moves the clock by `ms`, running the timers due on the way in their order, with all that follows from each. */
  advance(ms: number): Promise<void>
  /** Lets everything that is ready run, without moving the clock. */
  settle(): Promise<void>
  signal(signal: LifecycleSignal): void
  /** Timers that are set and not yet run: zero at the end says that nothing leaks. */
  readonly timers: number
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/** One turn of the real event loop: every promise that is ready has run by then. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** mulberry32: a small seeded generator, public domain (Tommy Ettinger). */
const seeded = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
}

/**
 * Virtual time for tests: nothing waits on the wall clock, and one seed gives one history.
 *
 * @example
 * const time = createVirtualTime()
 * const client = createClient({ transport, environment: time.environment })
 * await time.advance(30_000)
 */
export const createVirtualTime = (
  options: { readonly seed?: number; readonly start?: number; readonly fetch?: typeof fetch } = {},
): VirtualTime => {
  let now = options.start ?? Date.UTC(2026, 0, 1)
  let order = 0
  let ids = 0
  let online = true
  const timers = new Set<Timer>()
  const random = seeded(options.seed ?? 1)
  const signals$ = new Subject<LifecycleSignal>()
  const tab = new Map<string, string>()
  const noNetwork: typeof fetch = () =>
    Promise.reject(
      new SynclineError('transport-failed', { detail: 'No fetch was given to createVirtualTime.' }),
    )

  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 3; turns++) await turn()
  }
  const next = (until: number): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers)
      if (
        timer.at <= until &&
        (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
      )
        first = timer
    return first
  }

  return {
    environment: {
      now: () => now,
      setTimer: (delay, callback) => {
        const timer = { at: now + Math.max(0, delay), order: order++, callback }
        timers.add(timer)
        return () => void timers.delete(timer)
      },
      random,
      id: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
      fetch: options.fetch ?? noNetwork,
      isOnline: () => online,
      signals$,
      tab: { get: (key) => tab.get(key), set: (key, value) => void tab.set(key, value) },
    },
    advance: async (ms) => {
      const until = now + ms
      await settle()
      for (let timer = next(until); timer; timer = next(until)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.callback()
        await settle()
      }
      now = until
    },
    settle,
    signal: (signal) => {
      if (signal === 'online' || signal === 'offline') online = signal === 'online'
      signals$.next(signal)
    },
    get timers() {
      return timers.size
    },
  }
}
