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

/** The two halves of one wire, as the suite needs them. */
export interface TransportPair {
  /** Puts the gateway on a server. The suite listens, and closes the server itself. */
  serve(server: Server): ServedGateway
  /** The client's half. @param url the server's origin, `http://127.0.0.1:1234` */
  transport(url: string): Transport
  /** Sends the hub's server what no client of this provider would: broken packets, bodies that are no JSON. */
  garbage?(url: string): Promise<void>
}
