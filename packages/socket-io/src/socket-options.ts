import type { ManagerOptions, Socket, SocketOptions } from 'socket.io-client'

/** What Syncline decides: when to dial, how long to wait, and what the handshake carries. */
type OwnedByCore =
  | 'ackTimeout'
  | 'auth'
  | 'autoConnect'
  | 'forceNew'
  | 'multiplex'
  | 'randomizationFactor'
  | 'reconnection'
  | 'reconnectionAttempts'
  | 'reconnectionDelay'
  | 'reconnectionDelayMax'
  | 'retries'
  | 'timeout'

/** The options of socket.io-client that stay yours (`path`, `transports`, `extraHeaders`, `withCredentials`, …). */
export interface SocketSettings extends Partial<Omit<ManagerOptions & SocketOptions, OwnedByCore>> {
  /**
   * A socket of your own in place of one made from the url, for another build of socket.io-client. Called once
   * for each session. From then on its `auth`, when it connects and its manager's reconnection belong to
   * Syncline, so give it a manager that nothing else uses.
   */
  readonly socket?: () => Socket
}
