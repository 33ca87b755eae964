import type { Transport } from '@syncline/core'
import { tapTransport } from '../../tap-transport.ts'

/** When a client asked the hub for a channel. */
export interface Join {
  readonly at: number
  /** How many commits were durable. */
  readonly commits: number
}

/** Since when the clients of a transport are on their channels: what was asked first in a session that still is. */
export interface JoinWatch {
  readonly transport: Transport
  of(channel: string): Join | undefined
}

export const watchJoins = (watched: Transport, now: () => Join): JoinWatch => {
  const joins = new Map<string, Join>()
  return {
    transport: tapTransport(watched, {
      out: (frame, pass) => {
        if (frame.type === 'hello') joins.clear()
        else if (frame.type === 'leave') joins.delete(frame.channel)
        else if (frame.type === 'join' && !joins.has(frame.channel)) joins.set(frame.channel, now())
        pass(frame)
      },
    }),
    of: (channel) => joins.get(channel),
  }
}
