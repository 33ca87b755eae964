import type { GatewayHub, Hub } from '@syncline/server'
import type { Machine } from './machine.ts'

/** A hub's process as the network reaches it. */
export interface HubProcess {
  readonly machine: Machine
  /** Set once its direct gateway was started. */
  gatewayHub: GatewayHub | undefined
  /** Set once it was created. */
  handler: Hub<unknown, { id: string }>['handler'] | undefined
}

/** Where new connections go: the address of the hub. Processes change behind it. */
export interface Endpoint {
  process: HubProcess | undefined
}
