import type { LiveChannel } from '../channel/live-channel.ts'
import type { Subscriber } from '../fan-out/subscriber.ts'

/** A channel that a session has joined, or is about to. */
export interface Membership {
  readonly channel: string
  /** Where it is attached; undefined until the join is answered. */
  attached: { readonly live: LiveChannel; readonly subscriber: Subscriber } | undefined
}
