import { createFaults } from '../shared/faults.ts'
import { startLocalServer } from '../shared/local-server.ts'
import { type AblyFaults, createAblyFaults } from './ably-faults.ts'
import { type AblyLimits, defaultLimits } from './ably-limits.ts'
import { type AblyKey, createApiKeys } from './auth/api-keys.ts'
import { createAuthenticator } from './auth/authenticator.ts'
import { createRevocations } from './auth/revocations.ts'
import { createTokenRequests } from './auth/token-request.ts'
import { createChannels } from './channel/channels.ts'
import { createSerials } from './channel/serials.ts'
import { acceptSocket } from './connection/accept-socket.ts'
import { createConnections } from './connection/connections.ts'
import type { Emulated } from './emulated.ts'
import { createOutgoing } from './protocol/codec.ts'
import { ACTION } from './protocol/frame.ts'
import { handleRequest } from './rest/handle-request.ts'

const DEFAULT_KEY = 'emulator.key:secret'
/** How often channels are looked through for what can be forgotten. */
const SWEEP_INTERVAL = 30_000

export interface AblyEmulatorOptions {
  /** Default: 0, a free one. */
  readonly port?: number
  /** Default: `127.0.0.1`, so that nobody else on the network gets in. */
  readonly host?: string
  /** The app's keys. Default: `emulator.key:secret`, which may do everything. */
  readonly keys?: readonly (string | AblyKey)[]
  /** What differs from Ably's own limits. */
  readonly limits?: Partial<AblyLimits>
}

/** A running emulator. */
export interface AblyEmulator {
  readonly port: number
  readonly host: string
  /** The first key, for the SDK's `key`. */
  readonly key: string
  readonly faults: AblyFaults
  /** Cuts every connection and frees the port. */
  close(): Promise<void>
}

/**
 * Starts a local server for Ably's own SDK (realtime protocol 2 and later, and REST).
 *
 * @throws TypeError for a malformed key, and what `listen` of Node throws
 *
 * @example
 * const ably = await startAblyEmulator()
 * new Ably.Realtime({ key: ably.key, endpoint: ably.host, port: ably.port, tls: false, fallbackHosts: [] })
 */
export const startAblyEmulator = async (options: AblyEmulatorOptions = {}): Promise<AblyEmulator> => {
  const { port = 0, host = '127.0.0.1', keys = [DEFAULT_KEY] } = options
  const limits = { ...defaultLimits, ...options.limits }
  const specs = keys.map((key) => (typeof key === 'string' ? { key } : key))
  const [first] = specs
  if (!first) throw new TypeError('an emulator needs at least one key')
  const now = Date.now
  const apiKeys = createApiKeys(specs)
  const serials = createSerials(now)
  const revocations = createRevocations(now)
  const connections = createConnections(limits, now)
  const state = createFaults(connections.links)
  const { delay, takeLoss, takeLossFor } = state
  const emulated: Emulated = {
    limits,
    now,
    keys: apiKeys,
    authenticator: createAuthenticator(apiKeys, revocations, now),
    tokenRequests: createTokenRequests(now),
    revocations,
    serials,
    channels: createChannels({ limits, now, serials, takeLoss, takeLossFor }),
    connections,
    delay,
  }
  const server = await startLocalServer({
    port,
    host,
    // Room for a publish of the largest size in any encoding: so that it is answered, not cut off.
    maxFrameBytes: Math.max(1024 * 1024, limits.maxMessageSize * 4),
    maxSockets: 10_000,
    refuses: state.refuses,
    onRequest: (request, response) => handleRequest(emulated, request, response, state.takeRestFailure),
    onSocket: (socket, request) => acceptSocket(emulated, socket, request),
  })
  const heartbeat = createOutgoing({ action: ACTION.heartbeat })
  const beat = setInterval(() => {
    for (const connection of connections.all()) connection.send(heartbeat)
  }, limits.maxIdleInterval * 0.8)
  const sweep = setInterval(emulated.channels.sweep, SWEEP_INTERVAL)
  return {
    port: server.port,
    host: server.host,
    key: first.key,
    faults: createAblyFaults(state, emulated),
    close: async () => {
      clearInterval(beat)
      clearInterval(sweep)
      await server.close()
      for (const connection of connections.all()) connections.end(connection)
    },
  }
}
