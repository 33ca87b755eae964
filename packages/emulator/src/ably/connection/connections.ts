import type { Link } from '../../shared/link.ts'
import { type AblyError, toWireError } from '../ably-error.ts'
import type { AblyLimits } from '../ably-limits.ts'
import { leaveAll } from '../channel/presence.ts'
import { ACTION } from '../protocol/frame.ts'
import type { Connection } from './connection.ts'
import { createTimers, type Timers } from './timers.ts'

type TimerName = 'grace' | 'forget' | 'hint' | 'expiry'

/** Connections remembered, with and without a socket; beyond it, those without one are forgotten early. */
const MAX_CONNECTIONS = 20_000

/** The life of connections beyond that of their sockets. */
export interface Connections {
  /** The sockets by connection id, for the faults. */
  readonly links: ReadonlyMap<string, Link>
  all(): Iterable<Connection>
  byKey(key: string): Connection | undefined
  /** Puts a socket in charge; one that was there before is cut. */
  bind(connection: Connection, link: Link): void
  /** The socket is gone: members stay for the grace, the rest until it is too late to resume. */
  unbind(connection: Connection, link: Link): void
  /** Ends it for good; members leave at once. */
  end(connection: Connection): void
  /** Tells the client that its connection has failed, and ends it. */
  fail(connection: Connection, error: AblyError): void
  /** Closes the socket with a reason that lets the client come back. */
  disconnect(connection: Connection, error: AblyError): void
  /** Starts the clocks of the token that the connection goes by now. */
  watchToken(connection: Connection, onExpired: () => void): void
}

export const createConnections = (limits: AblyLimits, now: () => number): Connections => {
  const links = new Map<string, Link>()
  const known = new Map<string, { connection: Connection; timers: Timers<TimerName> }>()
  const timersOf = (connection: Connection) => known.get(connection.id)?.timers
  const leave = (connection: Connection) => {
    for (const channel of connection.present) leaveAll(channel, connection.id, now)
    connection.present.clear()
  }
  const detachAll = (connection: Connection) => {
    for (const channel of connection.attached.values()) channel.attachments.delete(connection.id)
    connection.attached.clear()
  }
  const end = (connection: Connection) => {
    timersOf(connection)?.stop('grace', 'forget', 'hint', 'expiry')
    known.delete(connection.id)
    links.delete(connection.id)
    detachAll(connection)
    leave(connection)
    connection.link = undefined
  }
  const makeRoom = () => {
    for (const { connection } of known.values()) {
      if (known.size < MAX_CONNECTIONS) return
      if (!connection.link) end(connection)
    }
  }
  const say = (connection: Connection, action: number, error: AblyError) => {
    connection.reply({ action, error: toWireError(error) })
    connection.link?.close(1000)
  }
  return {
    links,
    all: () => [...known.values()].map(({ connection }) => connection),
    byKey: (key) => {
      const found = known.get(key.split('!')[0] ?? '')?.connection
      return found?.key === key && !found.lost ? found : undefined
    },
    bind: (connection, link) => {
      makeRoom()
      const { timers } = known.get(connection.id) ?? { timers: createTimers<TimerName>() }
      known.set(connection.id, { connection, timers })
      timers.stop('grace', 'forget')
      const before = connection.link
      detachAll(connection)
      connection.link = link
      links.set(connection.id, link)
      before?.drop()
    },
    unbind: (connection, link) => {
      if (connection.link !== link) return
      connection.link = undefined
      links.delete(connection.id)
      detachAll(connection)
      const timers = timersOf(connection)
      timers?.stop('hint', 'expiry')
      timers?.start('grace', limits.presenceGrace, () => leave(connection))
      timers?.start('forget', limits.connectionStateTtl, () => end(connection))
    },
    end,
    fail: (connection, error) => {
      say(connection, ACTION.error, error)
      end(connection)
    },
    disconnect: (connection, error) => say(connection, ACTION.disconnected, error),
    watchToken: (connection, onExpired) => {
      const timers = timersOf(connection)
      timers?.stop('hint', 'expiry')
      const expires = connection.principal.token?.expires
      if (expires === undefined) return
      timers?.start('expiry', expires - now() + 1, onExpired)
      const hint = expires - limits.reauthMargin - now()
      if (hint > 0) timers?.start('hint', hint, () => connection.reply({ action: ACTION.auth }))
    },
  }
}
