import type { Server } from 'node:http'
import type { Transport } from '@syncline/core'
import type { Gateway, UplinkHandler } from '@syncline/server'

/** A gateway on its server. */
export interface ServedGateway {
  readonly gateway: Gateway
  /** Called once the hub is made, where the gateway or its clients need the hub's HTTP handler. */
  mount?(handler: UplinkHandler): void
  /** Ends what the gateway's provider runs beside the server. */
  close?(): Promise<void> | void
}

/** A managed provider, or what stands in for it: clients and the gateway meet there. */
export interface RunningProvider {
  /** Where clients reach it, on 127.0.0.1. */
  readonly port: number
  close(): Promise<void> | void
}

/** A managed provider itself, out on the internet: the suite neither starts it nor has a hold on the way there. */
export interface ProviderService {
  /** Milliseconds that an attempt of the suite's clients may take. Default 10,000. */
  readonly attemptTimeout?: number
  /** Milliseconds between two heartbeats of the suite's hubs. Default 10,000. */
  readonly heartbeat?: number
  /** Milliseconds that one scenario may take. Default: what Vitest is set to. */
  readonly timeout?: number
}

/** The two halves of one wire, as the suite needs them. */
export interface TransportPair {
  /**
   * Starts the provider that the messages go through, once for each test: it outlives the test's hubs. What a client
   * does not read waits there, so scenarios about the hub's own links are skipped. Left out: clients reach the hub
   * alone.
   */
  provider?(): Promise<RunningProvider>
  /**
   * In the place of `provider`: transport and gateway go to the provider's service. A device's proxy is on its way to
   * the hub alone, and scenarios that fail the way to the provider are skipped.
   */
  readonly service?: ProviderService
  /**
   * Puts the gateway on a server. The suite listens, and closes the server itself.
   * @param providerPort the provider's own port; 0 without a provider
   */
  serve(server: Server, providerPort: number): ServedGateway
  /**
   * The client's half.
   * @param url the server's origin, `http://127.0.0.1:1234`
   * @param providerUrl the provider's, by a stretch of network of its own that fails together with the hub's; empty
   *   without a provider
   */
  transport(url: string, providerUrl: string): Transport
  /** Sends the hub's server what no client of this provider would: broken packets, bodies that are no JSON. */
  garbage?(url: string): Promise<void>
}
