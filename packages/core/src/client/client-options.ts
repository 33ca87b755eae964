import type { TokenProvider } from '../connection/token-provider.ts'
import type { Environment } from '../environment/environment.ts'
import type { BackoffOptions } from '../operators/backoff-delay.ts'
import type { PlainTransport } from '../plain/plain-transport.ts'
import type { ClientStorage } from '../storage/client-storage.ts'
import type { Transport } from '../transport/transport.ts'

/** What every client takes. */
interface CommonOptions {
  /** Where tokens come from: called once at a time, before expiry and when the hub refused one. Default: none. */
  readonly token?: TokenProvider
  /** How long to wait between attempts. Default: 1 s, doubled up to 30 s, full jitter, for ever. */
  readonly backoff?: BackoffOptions
  /** How long an attempt may take, in ms. Default 10,000. */
  readonly attemptTimeout?: number
  /** Clock, timers, network and page life. Default: the platform's. */
  readonly environment?: Environment
}

export interface ClientOptions extends CommonOptions {
  readonly transport: Transport
  /**
   * Whose client this is: it names the storage and must be the subject that the hub knows the session by.
   * Default: anonymous, with a storage of its own. That belongs to whom the hub confirmed first, until
   * `signOut()` leaves no writes in it; a session of somebody else ends in `needs-auth` (`identity-mismatch`).
   */
  readonly identity?: string
  /** Where the outbox and persisted views live. Default: memory, and receipts say that they are not durable. */
  readonly storage?: ClientStorage
  readonly outbox?: {
    /** Default 10,000. One more is refused with `outbox-full`. */
    readonly maxWrites?: number
    /** Bytes of all writes together. Default 20 MB. */
    readonly maxBytes?: number
    /** Writes older than this, in ms, are parked as `too-old` instead of sent. Default 7 days. */
    readonly maxAge?: number
  }
  readonly channels?: {
    /** How long a channel stays joined after its last use, in ms. Default 5,000. */
    readonly linger?: number
    /** How many messages wait for a missing one before they are fetched again instead. Default 1,000. */
    readonly bufferMessages?: number
  }
}

/** `Client` is the transport's: what its provider can do shows in it. */
export interface PlainClientOptions<Client> extends CommonOptions {
  readonly transport: PlainTransport<boolean, Client>
}
