import type { LiveChannel } from '../channel/live-channel.ts'
import type { Subscriber } from '../fan-out/subscriber.ts'

/** A channel that a session has joined, or is about to. */
export interface Membership {
  readonly channel: string
  /** Where it is attached, and as whom; undefined until the join is answered. */
  live: LiveChannel | undefined
  subscriber: Subscriber | undefined
}
