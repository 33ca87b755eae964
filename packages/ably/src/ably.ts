import type { Transport } from '@syncline/core'
import { Realtime } from 'ably'
import { type AblyOptions, createTransport } from './create-transport.ts'

/**
 * The transport to a hub over Ably. What clients hear comes from Ably; what they send, and what is for one of them
 * alone, goes over the hub's own handler, which also gives the tokens: no key is needed here, and none is taken.
 * Attempts error with what the hub answered, else with `transport-failed`; the SDK's own error is the `cause`.
 *
 * @param url where the hub's handler is served. Absolute outside of browsers
 * @example
 * createClient({ transport: ably('http://localhost:3001/syncline') })
 */
export const ably = (url: string, options: AblyOptions = {}): Transport =>
  createTransport(url, options, (settings) => new Realtime(settings))
