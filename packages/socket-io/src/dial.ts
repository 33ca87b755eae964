import { SynclineError } from '@syncline/core'
import type { Subscriber } from 'rxjs'
import type { Socket } from 'socket.io-client'

/** Where a socket dials, as errors may show it: no query, no name, no password. */
const placeOf = (url: string): string => url.replace(/[?#].*/s, '').replace(/\/\/[^/]*@/, '//')

/** What the SDK keeps to itself in its types only. */
const namespaceOf = (socket: Socket): string => (socket as unknown as { readonly nsp: string }).nsp
const urlOf = ({ io }: Socket): string | undefined => (io as unknown as { readonly uri?: string }).uri

/** Whether it is absolute, or begins where the page is. Of anything else the SDK makes a server on this machine. */
const isUrl = (text: string): boolean => {
  try {
    return !!new URL(text, globalThis.location?.href)
  } catch {
    return false
  }
}

/** What the SDK buries: `ECONNREFUSED` and its like (ws: in the event; polling: in the request's status text). */
const reasonOf = ({ message, description, context }: ConnectError): string => {
  const { code, message: text } = description?.error ?? context?.statusText ?? {}
  const reason = code ?? text
  return reason ? `${message}, ${reason}` : message
}

/** What engine.io-client adds to its errors, without a type. */
interface ConnectError extends Error {
  readonly description?: { readonly error?: Partial<NodeJS.ErrnoException> } | undefined
  readonly context?: { readonly statusText?: Partial<NodeJS.ErrnoException> } | undefined
}

/**
 * One attempt on a socket that outlives it: connects with `auth`, errors when the link cannot be opened or
 * ends; returns what hangs up. `id` and the offset that Socket.IO recovers from stay with the socket.
 */
export const dial = (
  socket: Socket,
  url: string,
  auth: Record<string, unknown>,
  subscriber: Subscriber<never> | Subscriber<unknown>,
  onConnect: () => void,
): (() => void) => {
  const dialled = urlOf(socket)
  if (dialled !== undefined && !isUrl(dialled)) {
    subscriber.error(new SynclineError('invalid-url', { detail: `"${placeOf(dialled)}" is no URL here.` }))
    return () => {}
  }
  const fail = (detail: string, cause?: unknown) =>
    subscriber.error(new SynclineError('transport-failed', { detail, cause }))
  const onConnectError = (cause: ConnectError) =>
    fail(
      cause.message === 'Invalid namespace'
        ? `No namespace ${namespaceOf(socket)} at ${placeOf(url)}: is socketIoGateway on that server, or did you want plainSocketIo?`
        : `Socket.IO could not connect to ${placeOf(url)}: ${reasonOf(cause)}.`,
      cause,
    )
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
