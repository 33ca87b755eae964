import type { Opening, Transport, TransportEvent, TransportSession } from '@syncline/core'
import type { ClientFrame } from '@syncline/core/protocol'
import { Observable } from 'rxjs'
import type { Socket } from 'socket.io-client'
import { createSocket } from './create-socket.ts'
import { dial } from './dial.ts'
import { createFrameSender } from './send-frames.ts'
import type { SocketSettings } from './socket-options.ts'
import { FRAMES_EVENT, HUB_NAMESPACE } from './wire.ts'

/** Options of {@link socketIo}: its own, and those of socket.io-client that Syncline does not decide. */
export interface SocketIoOptions extends SocketSettings {
  /** The namespace that the hub's gateway serves. Default `/syncline`. */
  readonly namespace?: string
}

/**
 * The transport to a hub over Socket.IO. The token travels in the handshake's `auth`, never in the URL.
 * Attempts error with `transport-failed`, the SDK's own error being the `cause`, and with `invalid-url`, which ends
 * the client in `failed`.
 *
 * @param url where the Socket.IO server listens, without the namespace
 * @example
 * createClient({ transport: socketIo('http://localhost:3001') })
 */
export const socketIo = (url: string, options: SocketIoOptions = {}): Transport => ({
  kind: 'hub',
  name: 'socket.io',
  open: () => {
    const { namespace = HUB_NAMESPACE, ...settings } = options
    return createSession(createSocket(url, namespace, settings), url)
  },
})

const createSession = (socket: Socket, url: string): TransportSession => {
  let connectedBefore = false
  const attempt = ({ token, frames }: Opening) =>
    new Observable<TransportEvent>((subscriber) => {
      const onFrames = (...received: unknown[]) => subscriber.next({ type: 'frames', frames: received })
      socket.on(FRAMES_EVENT, onFrames)
      const hangUp = dial(socket, url, { token, frames }, subscriber, () => {
        const continuity = socket.recovered ? 'resumed' : connectedBefore ? 'lost' : 'unknown'
        connectedBefore = true
        const sendNow = createFrameSender(socket)
        const send = (outgoing: readonly ClientFrame[]) => {
          if (!subscriber.closed && socket.connected) sendNow(outgoing)
        }
        subscriber.next({ type: 'open', continuity, send })
      })
      return () => {
        socket.off(FRAMES_EVENT, onFrames)
        hangUp()
      }
    })
  return { attempt, dispose: () => void socket.disconnect() }
}
