import type { Earliest } from './earliest.ts'

/** Access that the hub took away at a time: all of a person's, or to one channel. */
export interface Revocation {
  readonly person: string
  readonly channel: string | undefined
  readonly at: number
}

/** What is so for the rest of a history, once it has happened. */
export interface Circumstances {
  /** When a backup was restored, or the hub's disk lost. */
  readonly setbacks: number[]
  clockTrouble: boolean
  /** What may be seen of a channel at the earliest, and since when that is so. */
  readonly earliest: Map<string, Earliest>
  /** In the order in which the hub was asked for them. */
  readonly revocations: Revocation[]
  /** All faults were ended. */
  calmed: boolean
}
