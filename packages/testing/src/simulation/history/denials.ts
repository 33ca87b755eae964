import type { SynclineError } from '@syncline/core'
import type { Authority } from './authority.ts'
import type { Circumstances } from './circumstances.ts'
import type { Run } from './run.ts'

/** Says of who lost a session or a channel whether the history gave a cause for it. */
export interface Denials {
  /** The client waits in `needs-auth`. */
  session(of: Run, error: SynclineError): boolean
  /** The hub refused a channel, for good as far as the client knows. */
  channel(of: Run, channel: string, error: SynclineError): boolean
}

export const isOfAnother = (channel: string, person: string): boolean =>
  channel.startsWith('own/') && channel !== `own/${person}`

export const createDenials = (
  authority: Authority,
  circumstances: Pick<Circumstances, 'revocations' | 'clockTrouble'>,
): Denials => {
  const { revocations } = circumstances
  /** Revocations explain one loss each: those that a run has heard of explain none that follows. */
  const heard = new WeakMap<Run, Map<string, number>>()

  const isRevoked = (of: Run, channel: string | undefined): boolean => {
    const known = heard.get(of) ?? new Map<string, number>()
    heard.set(of, known)
    const place = channel ?? ''
    const since = known.get(place) ?? 0
    known.set(place, revocations.length)
    return revocations.some(
      (revocation, index) =>
        index >= since &&
        revocation.at >= of.openedAt &&
        revocation.person === of.person &&
        (revocation.channel === undefined || revocation.channel === channel),
    )
  }
  return {
    session: (of, { code }) => {
      if (code === 'revoked') return isRevoked(of, undefined)
      const bad = authority.badTokens(of.machine)
      if (code === 'identity-mismatch') return bad.has('other') || (of.owner() ?? of.person) !== of.person
      return code === 'token-expired' && (bad.has('stale') || circumstances.clockTrouble)
    },
    channel: (of, channel, { code }) =>
      code === 'revoked' ? isRevoked(of, channel) : code === 'forbidden' && isOfAnother(channel, of.person),
  }
}
