import type { AblyLimits } from './ably-limits.ts'
import type { ApiKeys } from './auth/api-keys.ts'
import type { Authenticator } from './auth/authenticator.ts'
import type { Revocations } from './auth/revocations.ts'
import type { TokenRequests } from './auth/token-request.ts'
import type { Channels } from './channel/channels.ts'
import type { Serials } from './channel/serials.ts'
import type { Connections } from './connection/connections.ts'

/** The parts of one emulated app. */
export interface Emulated {
  readonly limits: AblyLimits
  readonly now: () => number
  readonly keys: ApiKeys
  readonly authenticator: Authenticator
  readonly tokenRequests: TokenRequests
  readonly revocations: Revocations
  readonly serials: Serials
  readonly channels: Channels
  readonly connections: Connections
  /** Milliseconds that a fault adds to each frame and answer. */
  readonly delay: () => number
}
