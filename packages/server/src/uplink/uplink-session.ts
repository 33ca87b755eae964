import type { GatewayHandler, GatewayHub, Grant } from '../gateway/gateway.ts'

/** A client of a provider, as the provider's gateway sees it. */
export interface UplinkSession {
  /** Public, unlike the session's own id: names the client at the provider, for `wake`. */
  readonly wakeId: string
  /** The remote address of its opening, where it is known. */
  readonly address: string | undefined
  /** See `GatewaySession.grant`. @throws SynclineError as a rejection */
  grant(channel?: string): Promise<Grant>
}

export interface UplinkSessionsOptions {
  /** The provider's name: the first path segment after the hub's base path. */
  readonly name: string
  /**
   * Tells the client through the provider that something waits for it: a tiny event for `wakeId` alone. Called once,
   * and again later and later while the client does not ask. What it throws is logged.
   */
  wake(session: UplinkSession): void | Promise<void>
  /**
   * What the client's transport is told with its welcome: a prefix, whether channels are encrypted. Asked once the
   * session is open, so `grant()` answers at once. A SynclineError refuses the opening. Default: nothing.
   */
  provided?(session: UplinkSession): unknown
  /** The session is over, whoever ended it. Once. */
  closed?(session: UplinkSession): void
  /**
   * What else clients may ask of the gateway, at `POST {base}/{name}/{action}`: the rest of the body → what is
   * answered as JSON. A SynclineError thrown is told to the client, anything else is `internal`. Default: nothing.
   */
  readonly actions?: Readonly<
    Record<string, (session: UplinkSession, body: Readonly<Record<string, unknown>>) => unknown>
  >
}

/** The sessions of clients that send over HTTP and are polled. */
export interface UplinkSessions {
  /** For `Gateway.routes`. */
  readonly routes: Readonly<Record<string, GatewayHandler>>
  /** Those that are open. */
  readonly sessions: Iterable<UplinkSession>
  /** For `Gateway.start`. */
  start(hub: GatewayHub): void
  /**
   * For `Gateway.stop`, before the provider's SDK is let go: takes nobody new, answers what is held, and resolves once
   * all have fetched their bye, at the latest after `within` milliseconds. Default 0.
   */
  stop(within?: number): Promise<void>
}
