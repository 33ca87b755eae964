import type { Capability } from './capability.ts'

/** Who a request or connection acts for. */
export interface Principal {
  readonly keyName: string
  readonly capability: Capability
  /** Undefined for an anonymous token, `*` for a key and for a token that may be anybody. */
  readonly clientId: string | undefined
  /** Left out with basic authentication. */
  readonly token?: TokenFacts
}

export interface TokenFacts {
  readonly text: string
  /** Milliseconds since the epoch, like `expires`. */
  readonly issued: number
  readonly expires: number
  /** The claim `x-ably-revocation-key` of a JWT. */
  readonly revocationKey?: string
}
