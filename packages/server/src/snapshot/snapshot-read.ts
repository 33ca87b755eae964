import type { Anchor } from '@syncline/core/protocol'

/** A state with the position it belongs to. */
export interface SnapshotRead {
  readonly position: Anchor
  /** The state as JSON, encoded once for all who share the read. */
  readonly state: string
}
