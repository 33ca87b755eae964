import type { FaultState, Faults } from '../shared/faults.ts'
import { recheck } from './connection/reauthorize.ts'
import type { Emulated } from './emulated.ts'

/** What can be made to go wrong with Ably; `connection` is the id that the SDK calls `connection.id`. */
export interface AblyFaults extends Faults {
  /** Every token used so far has expired: connections are told 40142, and so is who uses it again. */
  expireTokens(): void
  /**
   * Nothing can be resumed any more: a client that comes back gets a new connection (80008), and its channels are
   * attached without RESUMED and with this reason. What was kept is gone, history too. Default: 90005.
   */
  loseContinuity(reason?: 90003 | 90004 | 90005): void
}

export const createAblyFaults = ({ faults }: FaultState, emulated: Emulated): AblyFaults => ({
  ...faults,
  expireTokens: () => {
    emulated.authenticator.expireUsed()
    for (const connection of emulated.connections.all()) if (connection.link) recheck(emulated, connection)
  },
  loseContinuity: (reason = 90005) => {
    emulated.channels.loseContinuity(reason)
    for (const connection of emulated.connections.all()) connection.lost = true
  },
})
