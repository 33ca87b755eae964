import type { Link } from './link.ts'

/** How REST requests fail until the fault has run out. */
export interface RestFault {
  /** The status of the answer; 0 cuts the connection without one. */
  readonly status: number
  /** How many requests fail. Default: 1. */
  readonly times?: number
  /** Only requests whose path contains this. Default: all. */
  readonly path?: string
}

/** What can be made to go wrong. Where `connection` is left out, all that are open are meant. */
export interface Faults {
  /** Cuts a connection without a close frame, as a broken network does. */
  drop(connection?: string): void
  /** Closes a connection with this code. */
  close(code: number, reason?: string, connection?: string): void
  /** Half-open: the connection stays, but nothing passes any more, in either direction. */
  silence(connection?: string): void
  /** Each frame takes this many milliseconds more, in either direction; 0 ends it. */
  delay(milliseconds: number): void
  /** Whether new connections, REST included, are cut before anything is answered. */
  refuse(on: boolean): void
  /** The next REST requests fail. Replaces an earlier fault of this kind. */
  failRest(fault: RestFault): void
  /** The next messages are accepted and delivered to nobody, or to all but this connection. */
  lose(count: number, connection?: string): void
  /** Ends `delay`, `refuse`, `failRest` and `lose`. */
  clear(): void
}

/** The emulator's own side of the faults. */
export interface FaultState {
  readonly faults: Faults
  readonly delay: () => number
  readonly refuses: () => boolean
  /** The status with which this request must fail; uses the fault up. */
  takeRestFailure(path: string): number | undefined
  /** Whether the message that is about to be delivered is lost for everybody; call it once a message. */
  takeLoss(): boolean
  /** Whether it is lost for this connection; call it once a message and connection. */
  takeLossFor(connection: string): boolean
}

/** @param links the open links by the id of their connection */
export const createFaults = (links: ReadonlyMap<string, Link>): FaultState => {
  let delay = 0
  let refuse = false
  let rest: { status: number; left: number; path: string } | undefined
  let losses = 0
  const lossesOf = new Map<string, number>()
  const each = (connection: string | undefined, act: (link: Link) => void) => {
    const chosen = connection === undefined ? [...links.values()] : [links.get(connection)]
    for (const link of chosen) if (link) act(link)
  }
  const clear = () => {
    delay = 0
    refuse = false
    rest = undefined
    losses = 0
    lossesOf.clear()
  }
  return {
    faults: {
      drop: (connection) => each(connection, (link) => link.drop()),
      close: (code, reason, connection) => each(connection, (link) => link.close(code, reason)),
      silence: (connection) => each(connection, (link) => link.silence()),
      delay: (milliseconds) => {
        delay = milliseconds
      },
      refuse: (on) => {
        refuse = on
      },
      failRest: ({ status, times = 1, path = '' }) => {
        rest = { status, left: times, path }
      },
      lose: (count, connection) => {
        if (connection === undefined) losses = count
        else lossesOf.set(connection, count)
      },
      clear,
    },
    delay: () => delay,
    refuses: () => refuse,
    takeRestFailure: (path) => {
      if (!rest?.left || !path.includes(rest.path)) return undefined
      rest.left -= 1
      return rest.status
    },
    takeLoss: () => losses > 0 && losses-- > 0,
    takeLossFor: (connection) => {
      if (lossesOf.size === 0) return false
      const left = lossesOf.get(connection) ?? 0
      if (left > 1) lossesOf.set(connection, left - 1)
      else lossesOf.delete(connection)
      return left > 0
    },
  }
}
