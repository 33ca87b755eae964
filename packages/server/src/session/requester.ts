import type { SynclineError } from '@syncline/core'
import type { Identity } from '../channel/identity.ts'
import type { LiveChannel } from '../channel/live-channel.ts'
import type { OutgoingFrame } from '../gateway/gateway.ts'
import type { Membership } from './membership.ts'

/** The session as its requests see it. */
export interface Requester {
  readonly user: Identity
  /** The client as its hello named it. */
  readonly client: string
  send(frame: OutgoingFrame): void
  /** A new membership in the place of an older one; undefined: as many as allowed are there. */
  enter(channel: string): Membership | undefined
  /** False once the channel was left, joined anew, or the session is over. */
  holds(membership: Membership): boolean
  /** From now on gets what follows `sentThrough`. */
  attach(membership: Membership, live: LiveChannel, sentThrough: number): void
  /** The channel is left. */
  refuse(channel: string, error: SynclineError): void
  /** Something could not be done; the session and the channel go on. */
  complain(error: SynclineError, channel?: string): void
}
