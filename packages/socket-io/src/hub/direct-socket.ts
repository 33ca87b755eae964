import type { Socket as NetSocket } from 'node:net'
import type { Socket } from 'socket.io'

type Connection = Socket['conn']

/** What is looked at of an Engine.IO connection beyond its types; each part may be missing. */
interface Inside {
  readonly writeBuffer?: readonly unknown[]
  readonly transport: {
    readonly socket?: {
      readonly readyState?: number
      readonly extensions?: string
      readonly _socket?: NetSocket
    }
  }
}

/**
 * The network socket under a connection on which whole WebSocket frames may be written past Engine.IO, whose
 * bookkeeping for each packet costs as much as a third of the write. Undefined where that is not certain to
 * be right: on polling, on WebTransport, with a negotiated extension (compression) or another WebSocket library.
 */
export const directSocketOf = (conn: Connection): NetSocket | undefined => {
  if (conn.transport.name !== 'websocket') return
  const { socket } = (conn as unknown as Inside).transport
  return socket?.readyState === 1 && socket.extensions === '' && socket._socket ? socket._socket : undefined
}

/** Whether Engine.IO holds packets back that must leave before the next. */
export const holdsBack = (conn: Connection): boolean => (conn as unknown as Inside).writeBuffer?.length !== 0
