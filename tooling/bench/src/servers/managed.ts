import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Gateway } from '@syncline/server'
import type { BenchMessage } from './message.ts'

/** The providers that bring messages themselves, whatever the hub is. */
export type Managed = 'pusher' | 'ably'

/** Whom a client of theirs speaks to. */
export type ManagedPeer = `${'hub' | 'plain'}.${Managed}`

/** What a provider sends to its client for something that was published. */
export type Emit = (frame: Buffer) => void

/** Just enough of a provider to connect one client and to make of what is published what the client gets. */
export interface StandIn {
  /** The hub's own gateway, on the provider's server SDK without its network. */
  readonly gateway: Gateway
  /** A client's WebSocket. */
  accept(request: IncomingMessage, socket: Socket): void
  /** What an app without a hub publishes on `feed`. */
  publish(message: BenchMessage): unknown
}
