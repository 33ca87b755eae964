import { SynclineError } from '@syncline/core'
import {
  type PlainEvent,
  type PlainLink,
  type PlainRoute,
  type PlainTransport,
  type PlainTransportEvent,
  type PlainTransportSession,
  plainTransport,
  routed,
} from '@syncline/core/plain'
import { Observable } from 'rxjs'
import type { Socket } from 'socket.io-client'
import { createSocket } from '../create-socket.ts'
import { dial } from '../dial.ts'
import type { SocketSettings } from '../socket-options.ts'

/** How a room is named to the server: an event that takes the room, or the event and its arguments. */
export type RoomMessage = string | ((channel: string) => readonly [event: string, ...parameters: unknown[]])

/** Options of {@link plainSocketIo}: its own, and those of socket.io-client that Syncline does not decide. */
export interface PlainSocketIoOptions extends SocketSettings {
  /** Default `/`, the server's main namespace. */
  readonly namespace?: string
  /** How the server is asked into a room when a channel is joined. Default: event `join:room` with its name. */
  readonly join?: RoomMessage
  /** The same for leaving. Default: event `leave:room` with its name. */
  readonly leave?: RoomMessage
  /**
   * The channel that an event of the server belongs to. Where it throws the event is left out, and told in `errors$` as
   * `malformed-frame`. Default: none, and every channel hears every event.
   */
  readonly route?: PlainRoute
  /** The handshake's `auth`. Default: `{ token }` where there is a token. */
  readonly auth?: (token: string | undefined) => Record<string, unknown>
  /**
   * Milliseconds that the server has to acknowledge a `send`, for servers that call the acknowledgement.
   * Default: not asked for, and `send` resolves once the event was handed to the network.
   */
  readonly ackTimeout?: number
}

/**
 * The transport to a Socket.IO server that knows nothing of Syncline: what it emits comes out as it is, and
 * nothing is promised that the server does not do. An event with several arguments has them as an array.
 * `send` rejects with `not-connected` while there is no link, and with `transport-failed` when no
 * acknowledgement came in time.
 *
 * @example
 * createClient({ transport: plainSocketIo('http://localhost:3001') })
 */
export const plainSocketIo = (url: string, options: PlainSocketIoOptions = {}): PlainTransport<true> =>
  plainTransport({
    name: 'socket.io',
    canSend: true,
    open: () => {
      const { namespace = '/', join, leave, route, auth, ackTimeout, ...settings } = options
      return createSession(createSocket(url, namespace, settings), url, options)
    },
  })

const createSession = (socket: Socket, url: string, options: PlainSocketIoOptions): PlainTransportSession => {
  const { route, auth = (token: string | undefined) => (token === undefined ? {} : { token }) } = options
  const link = createLink(socket, options)
  let connectedBefore = false
  return {
    attempt: ({ token }) =>
      new Observable<PlainTransportEvent>((subscriber) => {
        const onEvent = (event: string, ...parameters: unknown[]) => {
          const data = parameters.length > 1 ? parameters : parameters[0]
          subscriber.next(routed(route, event, data))
        }
        socket.onAny(onEvent)
        const hangUp = dial(socket, url, auth(token), subscriber, () => {
          const continuity = socket.recovered ? 'resumed' : connectedBefore ? 'lost' : 'unknown'
          connectedBefore = true
          subscriber.next({ type: 'open', continuity, link })
        })
        return () => {
          socket.offAny(onEvent)
          hangUp()
        }
      }),
    dispose: () => void socket.disconnect(),
  }
}

const createLink = (socket: Socket, { join, leave, ackTimeout }: PlainSocketIoOptions): PlainLink => {
  const tell = (message: RoomMessage, channel: string) => {
    const [event, ...parameters] = typeof message === 'string' ? [message, channel] : message(channel)
    if (socket.connected) socket.emit(event, ...parameters)
  }
  return {
    join: (channel) => tell(join ?? 'join:room', channel),
    leave: (channel) => tell(leave ?? 'leave:room', channel),
    send: (event) => send(socket, event, ackTimeout),
  }
}

const send = async (
  socket: Socket,
  { event, data }: PlainEvent,
  ackTimeout: number | undefined,
): Promise<void> => {
  if (!socket.connected) throw new SynclineError('not-connected')
  if (ackTimeout === undefined) {
    socket.emit(event, data)
    return
  }
  try {
    await socket.timeout(ackTimeout).emitWithAck(event, data)
  } catch (cause) {
    throw new SynclineError('transport-failed', {
      detail: `The server did not acknowledge "${event}".`,
      cause,
    })
  }
}
