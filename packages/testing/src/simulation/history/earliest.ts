import type { Position } from '@syncline/core'

/** The first position that one may see, as `authorize` says from a time on. */
export interface Earliest {
  readonly position: Position
  readonly at: number
}
