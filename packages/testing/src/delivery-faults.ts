import type { Direction, Passage } from './tcp-flow.ts'

/** What makes of a delivery a broken one; asked with its length. */
type Break = (bytes: Uint8Array) => Passage

/** Faults that wait for the next delivery in their direction, on whatever connection it comes. */
export interface DeliveryFaults {
  pass(direction: Direction, bytes: Uint8Array): Passage
  /** Resolves once it has befallen a delivery. */
  add(direction: Direction, fault: Break): Promise<void>
  clear(): void
}

export const createDeliveryFaults = (): DeliveryFaults => {
  const waiting: Record<Direction, { readonly fault: Break; readonly happened: () => void }[]> = {
    up: [],
    down: [],
  }
  return {
    pass: (direction, bytes) => {
      const next = waiting[direction].shift()
      next?.happened()
      return next ? next.fault(bytes) : { bytes }
    },
    add: (direction, fault) =>
      new Promise((happened) => {
        waiting[direction].push({ fault, happened })
      }),
    clear: () => {
      for (const list of Object.values(waiting)) for (const { happened } of list.splice(0)) happened()
    },
  }
}

const within = (index: number, length: number): number => Math.max(0, Math.min(length - 1, Math.floor(index)))

/** The beginning of a delivery alone, and then nothing more. */
export const truncated =
  (kept: (length: number) => number): Break =>
  (bytes) => ({ bytes: bytes.subarray(0, within(kept(bytes.length), bytes.length)), last: true })

/** One byte with its highest bit turned over: what was ASCII is neither that nor UTF-8 any more. */
export const corrupted =
  (at: (length: number) => number): Break =>
  (bytes) => {
    const copy = Uint8Array.from(bytes)
    const index = within(at(copy.length), copy.length)
    copy[index] = copy[index]! ^ 0x80
    return { bytes: copy }
  }
