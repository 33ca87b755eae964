import type { Identity } from '../channel/identity.ts'
import type { OutgoingFrame } from '../gateway/gateway.ts'

/** Where writes come from and their answers go: the session, as a write stream sees it. */
export interface WriteSource {
  /** The session's. */
  readonly id: string
  readonly user: Identity
  /** Bytes of its writes that wait or run, for all its streams. */
  pendingBytes: number
  /** Takes one write from what the connection may make: 0, or the milliseconds until it may. */
  mayWrite(): number
  send(frame: OutgoingFrame): void
}
