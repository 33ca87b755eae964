/** Whose a session is, as `authenticate` says. Apps add what their handlers need. */
export interface Identity {
  /** The subject: one person or account. Outbox, streams and state belong to it. */
  readonly id: string
  /** When the session's token ends, in milliseconds since 1970. Left out: never. */
  readonly expiresAt?: number | undefined
}

/** Who everybody is on a hub without `authenticate`. */
export const anonymous: Identity = { id: 'anonymous' }
