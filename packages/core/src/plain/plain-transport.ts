import type { ConnectionOptions } from '../connection/create-connection.ts'
import type { PlainProvider } from '../transport/plain-provider.ts'
import { createPlainClient } from './create-plain-client.ts'
import { createPlainConnection } from './create-plain-connection.ts'
import { createPlainPresence } from './create-plain-presence.ts'
import type { PlainClient } from './plain-client.ts'

/**
 * A provider with the client of a plain server: only who uses one loads it. `Client` is what `createClient` returns,
 * for providers whose channels can do different things.
 */
export interface PlainTransport<CanSend extends boolean = boolean, Client = PlainClient<CanSend>>
  extends PlainProvider<CanSend> {
  readonly kind: 'plain'
  /** What `createClient` calls. */
  createClient(options: ConnectionOptions): Client
}

/**
 * Makes the transport to a plain server from what moves its events.
 *
 * @example
 * export const plainEcho = (): PlainTransport<true> => plainTransport({ name: 'echo', canSend: true, open })
 */
export const plainTransport = <CanSend extends boolean>(
  provider: PlainProvider<CanSend>,
): PlainTransport<CanSend> => ({
  ...provider,
  kind: 'plain',
  createClient: (options) =>
    createPlainClient<CanSend>({ connection: createPlainConnection({ ...options, transport: provider }) }),
})

/**
 * The same for a provider with presence of its own: named channels have it as `presence`. `Client` says which
 * channels have it, and whether they can be entered ({@link PlainPresence}, `EnteringPlainPresence`).
 */
export const plainTransportWithPresence = <CanSend extends boolean, Client>(
  provider: PlainProvider<CanSend>,
): PlainTransport<CanSend, Client> => ({
  ...provider,
  kind: 'plain',
  createClient: (options) =>
    createPlainClient<CanSend>({
      connection: createPlainConnection({ ...options, transport: provider }),
      presence: createPlainPresence,
    }) as Client,
})
