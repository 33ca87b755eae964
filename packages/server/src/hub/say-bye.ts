import { SynclineError } from '@syncline/core'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { Sessions } from '../session/sessions.ts'

/** Sends everybody away: each is told a time of its own to come back, from `retryAfter` to three times as much. */
export const sayBye = (environment: HubEnvironment, sessions: Sessions, retryAfter: number): void => {
  for (const session of [...sessions.all()]) {
    const mine = Math.round(retryAfter * (1 + 2 * environment.random()))
    session.end(new SynclineError('hub-closing', { retryAfter: mine }))
  }
}
