import type { SynclineError } from '@syncline/core'

/** The hub's own refusal of a write, as against an error that a handler happened to throw. */
export class Refusal extends Error {
  readonly error: SynclineError

  constructor(error: SynclineError) {
    super(error.message)
    this.error = error
  }
}
