import { SynclineError } from '@syncline/core'
import type { Gateway, GatewayOpening, GatewaySession, Peer } from '../gateway/gateway.ts'
import { Session } from '../session/session.ts'
import type { SessionContext } from '../session/session-context.ts'
import type { Sessions } from '../session/sessions.ts'

/** How long a client waits that found the hub full or closing, in milliseconds; up to three times as long, by chance. */
const retryAfter = 1_000

/** Takes new links from the gateways. */
export const createConnect = (options: {
  readonly context: SessionContext
  readonly sessions: Sessions
}): ((gateway: Gateway, peer: Peer, opening: GatewayOpening) => GatewaySession) => {
  const { context, sessions } = options

  const refusal = (): SynclineError | undefined => {
    const later = { retryAfter: Math.round(retryAfter * (1 + 2 * context.environment.random())) }
    if (context.isClosing()) return new SynclineError('hub-closing', later)
    const { connections, opening } = context.limits
    if (sessions.size >= connections || sessions.opening >= opening)
      return new SynclineError('too-many-connections', later)
    return undefined
  }

  return (gateway, peer, opening) => {
    const session = new Session(context, sessions, gateway, peer)
    const refused = refusal()
    if (refused) session.end(refused)
    else {
      sessions.connected(session)
      void session.open(opening)
    }
    return session
  }
}
