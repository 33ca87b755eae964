import type { AuthOptions, ClientOptions, RealtimeClient } from 'ably'

/** What Syncline decides: who one is, when to dial, and what survives. */
type OwnedBySyncline =
  | keyof AuthOptions
  | 'autoConnect'
  | 'clientId'
  | 'defaultTokenParams'
  | 'disconnectedRetryTimeout'
  | 'queueMessages'
  | 'recover'
  | 'recoveryKeyStorageName'
  | 'suspendedRetryTimeout'

/** The options of Ably's SDK that stay yours: `endpoint`, `useBinaryProtocol`, `logLevel`, … */
export interface AblySettings extends Omit<ClientOptions, OwnedBySyncline | 'plugins'> {}

/** Makes a client of the SDK, of whichever build. */
export type CreateRealtime = (options: ClientOptions) => RealtimeClient

/**
 * What lets core decide when to dial: the SDK's own retries wait for longer than anybody does, and still for less
 * than the 2 ** 31 ms at which timers overflow, as the SDK doubles them.
 */
export const ownRetries = {
  autoConnect: false,
  disconnectedRetryTimeout: 1e9,
  suspendedRetryTimeout: 1e9,
} as const satisfies ClientOptions
