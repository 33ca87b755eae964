import { Buffer } from 'node:buffer'
import { createHash, timingSafeEqual } from 'node:crypto'

/** Tells requests of a session's own client from those of others who learned the session's id. */
export interface TokenGuard {
  /** Whether this token, or the lack of one, is the session's own. */
  admits(token: string | undefined): boolean
  /** Looks for a fresh token among frames of the session itself: `{ type: 'auth', token }`, the last one counts. */
  see(frames: unknown): void
}

export interface TokenGuardOptions {
  /** With which token the session was opened. */
  readonly token: string | undefined
  /**
   * How many of the session's tokens are taken, the newest first. Default 1. More than that where requests may
   * overtake one another: while a fresh token is on its way up, another request still has the one before.
   */
  readonly taken?: number
}

/**
 * A guard for gateways that know a session by an id in a request: it ties the id to the token that the session was
 * opened with, or was given since. Tokens are kept and compared as digests; none and an empty one are different.
 *
 * @example
 * const guard = createTokenGuard({ token: opening.token })
 * if (!guard.admits(body.token)) throw new SynclineError('unauthenticated')
 * guard.see(body.value.frames)
 */
export const createTokenGuard = (options: TokenGuardOptions): TokenGuard => new DigestGuard(options)

/** One object for each session: there are many. */
class DigestGuard implements TokenGuard {
  readonly #taken: number
  #digests: readonly string[]

  constructor({ token, taken = 1 }: TokenGuardOptions) {
    this.#taken = taken
    this.#digests = token === undefined ? ofNone : [digest(token)]
  }

  admits(token: string | undefined): boolean {
    const given = Buffer.from(token === undefined ? noToken : digest(token))
    return this.#digests.some((own) => timingSafeEqual(Buffer.from(own), given))
  }

  see(frames: unknown): void {
    const fresh = Array.isArray(frames) ? frames.findLast(isAuth)?.token : undefined
    if (fresh !== undefined) this.#digests = [digest(fresh), ...this.#digests].slice(0, this.#taken)
  }
}

const isAuth = (frame: unknown): frame is { readonly token: string } =>
  typeof frame === 'object' &&
  frame !== null &&
  'type' in frame &&
  frame.type === 'auth' &&
  'token' in frame &&
  typeof frame.token === 'string'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64')
const digest = (token: string): string => sha256(`.${token}`)
const noToken = sha256('')
const ofNone: readonly string[] = [noToken]
