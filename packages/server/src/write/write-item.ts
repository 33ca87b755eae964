import type { Access } from '../channel/access.ts'
import type { Phase } from '../snapshot/elsewhere.ts'
import type { Gate } from '../snapshot/gate.ts'
import type { TakenWrite } from './decide.ts'
import type { WriteSource } from './write-source.ts'

/** What `authorize` said, asked once for all writes of a frame. */
export interface AccessSlot {
  answer: Access | PromiseLike<Access> | undefined
  /** The hub's count of revocations when it was asked: a later one asks again. */
  revision: number
}

/** A write that is taken: from its turn in the stream to its commit. */
export interface WriteItem extends TakenWrite {
  readonly n: number
  readonly kind: 'mutate' | 'publish' | 'void'
  readonly name: string
  readonly data: unknown
  readonly version: number
  readonly bytes: number
  readonly source: WriteSource
  readonly slot: AccessSlot
  /** The gate it is in, from before its handler to its commit. */
  gate: Gate | undefined
  /** While it runs: what snapshots of other channels wait for. */
  phase: Phase | undefined
  /** In the gate of those that publish to other channels. */
  reaching: boolean
  /** Given back to the client: whatever comes of it is not used. */
  dropped: boolean
}
