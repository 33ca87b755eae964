import { createHash, timingSafeEqual } from 'node:crypto'

/** Whose tokens may use a session: the one that it was opened with, or was given since, and the one before that. */
export interface TokenGuard {
  admits(token: string | undefined): boolean
  /** Looks for a fresh token among frames of the session itself. */
  see(frames: unknown): void
}

/** Tokens are kept and compared as digests; none and an empty one are different. */
const digest = (token: string | undefined): Uint8Array =>
  createHash('sha256')
    .update(token === undefined ? '' : `.${token}`)
    .digest()

const isAuth = (frame: unknown): frame is { readonly token: string } =>
  typeof frame === 'object' &&
  frame !== null &&
  'type' in frame &&
  frame.type === 'auth' &&
  'token' in frame &&
  typeof frame.token === 'string'

export const createTokenGuard = (token: string | undefined): TokenGuard => {
  let own = digest(token)
  // Two requests may be on their way together, while only one of them knows of the fresh token.
  let before = own
  return {
    admits: (other) => {
      const given = digest(other)
      return timingSafeEqual(own, given) || timingSafeEqual(before, given)
    },
    see: (frames) => {
      const fresh = Array.isArray(frames) ? frames.findLast(isAuth)?.token : undefined
      if (fresh === undefined) return
      before = own
      own = digest(fresh)
    },
  }
}
