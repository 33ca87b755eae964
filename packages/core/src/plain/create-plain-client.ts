import { Observable } from 'rxjs'
import type { Connection } from '../connection/connection.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { PlainEvent, PlainLink } from '../transport/plain-provider.ts'
import type { CreatePlainPresence } from './create-plain-presence.ts'
import { createListeners } from './listeners.ts'
import type { PlainChannels } from './plain-channel.ts'
import type { PlainClient } from './plain-client.ts'

/** Makes the client of a plain server over its connection. `CanSend` is the transport's. */
export const createPlainClient = <CanSend extends boolean>(options: {
  readonly connection: Connection<PlainLink, PlainEvent>
  /** For providers with presence of their own: channels that are named have it as `presence`. */
  readonly presence?: CreatePlainPresence | undefined
}): PlainClient<CanSend> => {
  const { connection } = options
  const link = () => connection.session$.get()
  const listeners = createListeners(
    (channel) => link()?.join?.(channel),
    (channel) => link()?.leave?.(channel),
  )
  // Both end with the connection.
  connection.session$.subscribe((session) => {
    if (session?.join) for (const channel of [...listeners.channels]) session.join(channel)
  })
  const presence = options.presence?.(connection, listeners.hold)
  connection.incoming$.subscribe({ next: listeners.emit, complete: listeners.complete })

  const send = async (channel: string | undefined, event: string, data: unknown): Promise<void> => {
    connection.connect()
    const session = link()
    if (!session?.send) throw new SynclineError('not-connected', { channel })
    await session.send({ channel, event, data })
  }

  const plain = (name?: string) => ({
    name,
    on: (event: string, listener?: (data: unknown) => void) => {
      const events$ = new Observable<unknown>((subscriber) => {
        const subscription = listeners.on(name, event).subscribe(subscriber)
        connection.connect()
        return subscription
      })
      if (!listener) return events$
      const subscription = events$.subscribe(listener)
      return () => subscription.unsubscribe()
    },
    send: (event: string, data: unknown) => send(name, event, data),
    ...(name !== undefined && presence && { presence: presence(name) }),
  })

  return {
    status$: connection.status$,
    errors$: connection.errors$,
    plain: plain as <Events extends object, Sends extends object>(
      name?: string,
    ) => PlainChannels<Events, Sends>[`${CanSend}`],
    connect: connection.connect,
    retryNow: connection.retryNow,
    close: connection.close,
  }
}
