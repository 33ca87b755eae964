import { randomBytes } from 'node:crypto'

/** A point in the order in which the emulator took messages, over all channels. */
export interface Point {
  readonly seq: number
  /** Never goes back, whatever the clock does. */
  readonly timestamp: number
}

export interface Serials {
  next(): Point
  /** The newest point given out. */
  readonly last: Point
  /** A `channelSerial`: opaque to clients, sortable as text. */
  format(point: Point): string
  /** The `seq` of a serial of this run of the emulator; undefined for any other text. */
  parse(serial: string): number | undefined
  /** The `serial` of one message of a publish. */
  ofMessage(point: Point, index: number): string
}

export const createSerials = (now: () => number): Serials => {
  const epoch = randomBytes(8).toString('hex')
  let last: Point = { seq: 0, timestamp: now() }
  const order = ({ seq, timestamp }: Point) =>
    `${String(timestamp).padStart(14, '0')}-${String(seq).padStart(12, '0')}`
  return {
    next: () => {
      last = { seq: last.seq + 1, timestamp: Math.max(now(), last.timestamp) }
      return last
    },
    get last() {
      return last
    },
    format: (point) => `${order(point)}@${epoch}`,
    parse: (serial) => {
      const match = /^\d{14}-(\d{12})@(\w+)/.exec(serial)
      return match?.[2] === epoch ? Number(match[1]) : undefined
    },
    ofMessage: (point, index) => `${order(point)}@${epoch}:${String(index).padStart(3, '0')}`,
  }
}
