import { AblyError } from '../ably-error.ts'
import type { Principal } from './principal.ts'

const HOUR = 3_600_000
/** With `allowReauthMargin`, clients get this long to come with a new token. */
const MARGIN = 30_000
/** Revocations kept; the oldest make room. */
const MAX_REVOCATIONS = 10_000

/** Who is meant, `clientId:bob` for one, and since when. */
export interface Revocation {
  readonly target: string
  /** Tokens issued before this moment are meant. */
  readonly issuedBefore: number
  /** From when on they are refused. */
  readonly appliesAt: number
}

export interface Revocations {
  /** @throws AblyError 40003 for a target or a time that cannot be taken */
  add(keyName: string, target: string, issuedBefore: unknown, margin: boolean): Revocation
  isRevoked(principal: Principal): boolean
}

export const createRevocations = (now: () => number): Revocations => {
  const kept = new Map<string, Revocation>()
  return {
    add: (keyName, target, asked, margin) => {
      if (!/^(clientId|revocationKey):./.test(target))
        throw new AblyError(40003, `target "${target}" is neither clientId:… nor revocationKey:…`)
      const issuedBefore = asked === undefined ? now() : Number(asked)
      if (!(issuedBefore <= now() && issuedBefore >= now() - HOUR))
        throw new AblyError(40003, 'issuedBefore must lie within the last hour')
      const revocation = { target, issuedBefore, appliesAt: margin ? now() + MARGIN : now() }
      const id = `${keyName}\n${target}`
      kept.delete(id)
      if (kept.size >= MAX_REVOCATIONS) for (const oldest of [...kept.keys()].slice(0, 1)) kept.delete(oldest)
      kept.set(id, revocation)
      return revocation
    },
    isRevoked: ({ keyName, clientId, token }) => {
      if (!token) return false
      const applies = (target: string) => {
        const revocation = kept.get(`${keyName}\n${target}`)
        return revocation && token.issued < revocation.issuedBefore && revocation.appliesAt <= now()
      }
      return !!(
        (clientId && applies(`clientId:${clientId}`)) ||
        (token.revocationKey && applies(`revocationKey:${token.revocationKey}`))
      )
    },
  }
}
