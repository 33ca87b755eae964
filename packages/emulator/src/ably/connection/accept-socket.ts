import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import { createLink, type Link } from '../../shared/link.ts'
import { AblyError, toAblyError, toWireError } from '../ably-error.ts'
import type { Emulated } from '../emulated.ts'
import { createOutgoing } from '../protocol/codec.ts'
import { ACTION } from '../protocol/frame.ts'
import type { Connection } from './connection.ts'
import { handleFrame } from './handle-frame.ts'
import { formatOf, openConnection } from './open-connection.ts'
import { watchToken } from './reauthorize.ts'

/** One WebSocket, from its query on. */
export const acceptSocket = (emulated: Emulated, socket: WebSocket, request: IncomingMessage) => {
  const query = new URL(request.url ?? '/', 'ws://emulator').searchParams
  let connection: Connection | undefined
  const link: Link = createLink(socket, {
    delay: emulated.delay,
    onFrame: (bytes) => connection?.link === link && handleFrame(emulated, connection, bytes),
    onClosed: () => connection && emulated.connections.unbind(connection, link),
  })
  // Such a frame is never read, so there is no telling what it was: the client hears of it when it comes back.
  socket.on('error', (error: Error & { code?: string }) => {
    if (connection && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
      connection.doom = new AblyError(40009, 'maximum message length exceeded by a frame')
  })
  try {
    connection = openConnection(emulated, query, link)
    watchToken(emulated, connection)
  } catch (thrown) {
    const frame = { action: ACTION.error, error: toWireError(toAblyError(thrown)) }
    link.send(createOutgoing(frame).bytes(formatOf(query)))
    link.close(1000)
  }
}
