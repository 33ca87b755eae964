import type { FaultState } from '../shared/faults.ts'
import type { PusherLimits } from './limits.ts'
import type { Webhooks } from './webhooks.ts'

/** What every part of the Pusher emulator knows of the one app that it serves. */
export interface App {
  readonly id: string
  readonly key: string
  readonly secret: string
  readonly limits: PusherLimits
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly webhooks: Webhooks
  readonly faults: FaultState
  /** Whether subscribers hear how many they are. */
  readonly countsSubscriptions: boolean
  /** How a refused subscription is told. */
  readonly refusals: 'pusher:subscription_error' | 'pusher:error'
}
