import type { Link } from '../shared/link.ts'

/** A person who signed in with `pusher:signin`. */
export interface User {
  readonly id: string
  readonly info: unknown
  readonly watchlist: readonly string[]
}

/** One open connection. */
export interface Connection {
  /** The `socket_id`: two numbers and a dot. */
  readonly id: string
  readonly link: Link
  /** Subscriptions, with the member that it is for each presence channel. */
  readonly channels: Map<string, Member | undefined>
  user: User | undefined
}

/** Who a connection is on a presence channel. */
export interface Member {
  readonly id: string
  readonly info: unknown
}
