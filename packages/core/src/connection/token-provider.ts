/** Why a token is asked for. `refused`: the hub did not accept the last one. */
export type TokenReason = 'connect' | 'expiring' | 'refused'

/** A token and when it expires (ms since 1970). For a JWT its `exp` is read where `expiresAt` is left out. */
export interface Token {
  readonly token: string
  readonly expiresAt?: number
}

/** Where tokens come from: called once at a time. */
export type TokenProvider = (request: {
  readonly reason: TokenReason
}) => string | Token | Promise<string | Token>
