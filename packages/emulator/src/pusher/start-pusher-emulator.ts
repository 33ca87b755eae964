import { createFaults, type Faults } from '../shared/faults.ts'
import type { Link } from '../shared/link.ts'
import { startLocalServer } from '../shared/local-server.ts'
import type { App } from './app.ts'
import { createChannels } from './channels.ts'
import type { Connection } from './connection.ts'
import type { Rejection } from './handshake.ts'
import { DEFAULT_LIMITS, type PusherLimits } from './limits.ts'
import { createRest } from './rest.ts'
import { serveConnection } from './serve-connection.ts'
import { createUsers } from './users.ts'
import { createWebhooks, type WebhookOptions } from './webhooks.ts'

export interface PusherEmulatorOptions {
  /** Default: 0, a free one. */
  readonly port?: number
  /** Default: `127.0.0.1`, so that nobody else on the network reaches it. */
  readonly host?: string
  /** Default: `app`. */
  readonly appId?: string
  /** Default: `key`. */
  readonly key?: string
  /** Default: `secret`. */
  readonly secret?: string
  /** Limits that differ from Pusher's own. */
  readonly limits?: Partial<PusherLimits>
  /** Where webhooks are posted. Default: nowhere. */
  readonly webhooks?: WebhookOptions
  /** Whether subscribers get `pusher:subscription_count`, an app setting at Pusher. Default: false. */
  readonly subscriptionCount?: boolean
  /**
   * How a refused subscription is told: on its channel, or as `pusher:error` on the connection. Pusher's
   * documentation knows both, so clients should stand either. Default: `pusher:subscription_error`.
   */
  readonly refusals?: 'pusher:subscription_error' | 'pusher:error'
}

/** What can go wrong with Pusher. */
export interface PusherFaults extends Faults {
  /** New connections are closed with this code (4003: app disabled, 4100: over capacity, …) until `clear`. */
  reject(code: number, message?: string): void
}

/** One open connection as it is now. */
export interface PusherConnection {
  /** Its `socket_id`. */
  readonly id: string
  /** Who is signed in on it. */
  readonly userId: string | undefined
  readonly channels: readonly string[]
}

/** A running emulator. */
export interface PusherEmulator {
  readonly host: string
  readonly port: number
  readonly appId: string
  readonly key: string
  readonly secret: string
  readonly faults: PusherFaults
  connections(): readonly PusherConnection[]
  /** Cuts all connections and frees the port. */
  close(): Promise<void>
}

/** Bytes of one frame of a client: a signed-in user with a long watchlist is far below. */
const MAX_FRAME = 128 * 1024

/**
 * Starts a server for one app that speaks the Pusher Channels protocol 7 and its HTTP API on one port.
 *
 * @example
 * const emulator = await startPusherEmulator({ port: 6001 })
 * const pusher = new Pusher(emulator.key, { cluster: 'local', wsHost: emulator.host, wsPort: emulator.port,
 *   forceTLS: false, enabledTransports: ['ws'] })
 * @throws what `listen` of Node throws, `EADDRINUSE` for one
 */
export const startPusherEmulator = async (options: PusherEmulatorOptions = {}): Promise<PusherEmulator> => {
  const { port = 0, host = '127.0.0.1', appId = 'app', key = 'key', secret = 'secret' } = options
  const connections = new Map<string, Connection>()
  const links = new Map<string, Link>()
  const faults = createFaults(links)
  const now = Date.now
  const webhooks = createWebhooks(options.webhooks, key, secret, now)
  const app: App = {
    id: appId,
    key,
    secret,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    now,
    webhooks,
    faults,
    countsSubscriptions: options.subscriptionCount ?? false,
    refusals: options.refusals ?? 'pusher:subscription_error',
  }
  const channels = createChannels(app)
  const users = createUsers(app)
  let rejection: Rejection | undefined
  const connectionHost = { app, channels, users, connections, links, rejection: () => rejection }
  const server = await startLocalServer({
    port,
    host,
    maxFrameBytes: MAX_FRAME,
    // Those beyond the quota must still be told so.
    maxSockets: app.limits.connections + 100,
    refuses: faults.refuses,
    onRequest: createRest(app, channels, users),
    onSocket: (socket, request) => serveConnection(connectionHost, socket, request.url ?? '/'),
  })
  return {
    host,
    port: server.port,
    appId,
    key,
    secret,
    faults: {
      ...faults.faults,
      reject: (code, message = 'A rejection that was asked for') => {
        rejection = { code, message }
      },
      clear: () => {
        rejection = undefined
        faults.faults.clear()
      },
    },
    connections: () =>
      [...connections.values()].map(({ id, user, channels: names }) => ({
        id,
        userId: user?.id,
        channels: [...names.keys()],
      })),
    close: () => {
      webhooks.stop()
      return server.close()
    },
  }
}
