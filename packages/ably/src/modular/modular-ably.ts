import type { Transport } from '@syncline/core'
import type { BaseRealtime, ModularPlugins } from 'ably/modular'
import { type AblyOptions, createTransport } from '../create-transport.ts'

/** Options of `ably` from `@syncline/ably/modular`. */
export interface ModularAblyOptions extends AblyOptions {
  /** The class of `ably/modular`. */
  readonly BaseRealtime: typeof BaseRealtime
  /** Parts of `ably/modular`: `WebSocketTransport` and `FetchRequest` are enough. */
  readonly plugins: ModularPlugins
}

/**
 * The transport to a hub over Ably on the parts of its SDK that it needs, for browsers: this entry imports none of
 * the SDK itself.
 *
 * @param url where the hub's handler is served
 * @example
 * import { BaseRealtime, FetchRequest, WebSocketTransport } from 'ably/modular'
 * ably('/syncline', { BaseRealtime, plugins: { WebSocketTransport, FetchRequest } })
 */
export const ably = (url: string, { BaseRealtime, plugins, ...options }: ModularAblyOptions): Transport =>
  createTransport(url, options, (settings) => new BaseRealtime({ ...settings, plugins }))
