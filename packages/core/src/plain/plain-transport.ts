import type { ConnectionOptions } from '../connection/create-connection.ts'
import type { PlainProvider } from '../transport/plain-provider.ts'
import { createPlainClient } from './create-plain-client.ts'
import { createPlainConnection } from './create-plain-connection.ts'
import type { PlainClient } from './plain-client.ts'

/** A provider with the client of a plain server: only who uses one loads it. */
export interface PlainTransport<CanSend extends boolean = boolean> extends PlainProvider<CanSend> {
  readonly kind: 'plain'
  /** What `createClient` calls. */
  createClient(options: ConnectionOptions): PlainClient<CanSend>
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
