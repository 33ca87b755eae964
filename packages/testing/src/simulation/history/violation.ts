/** The promises of `packages/core/SPEC.md` that a history is checked for. */
export type Promised =
  | 'order'
  | 'continuity'
  | 'no loss'
  | 'no double effect'
  | 'receipts'
  | 'overlays'
  | 'views'
  | 'convergence'
  | 'presence'
  | 'identity'
  | 'no silent failure'
  | 'bounded memory'
  | 'flow control'
  | 'liveness'

/** A promise was broken. */
export class Violation extends Error {
  readonly promise: Promised
  constructor(promise: Promised, message: string) {
    super(message)
    this.name = 'Violation'
    this.promise = promise
  }
}
