import { SynclineError } from '@syncline/core'
import type { Subscriber } from 'rxjs'
import type { Socket } from 'socket.io-client'

/**
 * One attempt on a socket that outlives it: connects with `auth`, errors when the link cannot be opened or
 * ends; returns what hangs up. `id` and the offset that Socket.IO recovers from stay with the socket.
 */
export const dial = (
  socket: Socket,
  auth: Record<string, unknown>,
  subscriber: Subscriber<never> | Subscriber<unknown>,
  onConnect: () => void,
): (() => void) => {
  const fail = (detail: string, cause?: unknown) =>
    subscriber.error(new SynclineError('transport-failed', { detail, cause }))
  const onConnectError = (cause: Error) => fail(`Socket.IO could not connect: ${cause.message}.`, cause)
  const onDisconnect = (reason: string, cause?: unknown) =>
    fail(`Socket.IO ended the link: ${reason}.`, cause)

  // What an earlier attempt left behind belongs to an earlier session.
  socket.sendBuffer.length = 0
  socket.receiveBuffer.length = 0
  socket.auth = (send) => send(auth)
  socket.on('connect', onConnect)
  socket.on('connect_error', onConnectError)
  socket.on('disconnect', onDisconnect)
  socket.connect()

  return () => {
    socket.off('connect', onConnect)
    socket.off('connect_error', onConnectError)
    socket.off('disconnect', onDisconnect)
    socket.disconnect()
  }
}
