import type { Chance } from './chance.ts'
import type { Scheduler } from './scheduler.ts'

/** What runs over a wire and can be broken with it. */
export interface WireUse {
  /** It is broken, and both ends hear of it. */
  broken(): void
  /** The other end hears by a timeout of its own that the device's has gone without a word, if it has. */
  missed?(): void
  /** Nothing moves on it any more, in this direction or both, and neither end is told. */
  silent: { up: boolean; down: boolean }
}

export type WireFault = 'slow reader' | 'latency changed'

/** Milliseconds each way while nothing is changed. */
const LATENCY = 5

/** One device's stretch of network, to the hub and to the provider alike. */
export interface Wire {
  /** Milliseconds each way, and what comes on top of it by chance at most. */
  latency: number
  jitter: number
  /** New connections are turned away at once (`refusing`), or never answered (`void`). */
  door: 'open' | 'refusing' | 'void'
  /** Bytes per millisecond that the device reads; undefined: as fast as they come. */
  rate: number | undefined
  /** Breaks what is open; what was on its way is lost, in both directions. */
  cut(): void
  /** Nothing moves on what is open now, and neither end is told. */
  silence(direction?: 'up' | 'down'): void
  /** Who waits at the other end for a device that is gone hears that it is. */
  miss(): void
  /** What is open now. */
  readonly uses: ReadonlySet<WireUse>
  use(use: WireUse): () => void
  /** A fault takes effect on what moves. */
  readonly happened: (fault: WireFault) => void
  /** Milliseconds that the next thing takes. */
  delay(): number
}

export const createWire = (chance: Chance, happened: (fault: WireFault) => void = () => {}): Wire => {
  const uses = new Set<WireUse>()
  const wire: Wire = {
    latency: LATENCY,
    jitter: 20,
    door: 'open',
    rate: undefined,
    uses,
    use: (use) => {
      uses.add(use)
      return () => void uses.delete(use)
    },
    cut: () => {
      for (const use of [...uses]) use.broken()
    },
    silence: (direction) => {
      for (const { silent } of uses) {
        if (direction !== 'down') silent.up = true
        if (direction !== 'up') silent.down = true
      }
    },
    miss: () => {
      for (const use of [...uses]) use.missed?.()
    },
    happened,
    delay: () => {
      if (wire.latency !== LATENCY) happened('latency changed')
      return wire.latency + chance.below(wire.jitter + 1)
    },
  }
  return wire
}

/** Calls in the order in which they are made, each after a time of its own. */
export const inOrder = (
  scheduler: Scheduler,
  delay: () => number,
): ((call: (wait: number) => void) => void) => {
  let last = 0
  return (call) => {
    last = Math.max(last, scheduler.now + delay())
    call(last - scheduler.now)
  }
}
