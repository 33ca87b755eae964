import type { SynclineError } from '@syncline/core'
import type { Revision } from '@syncline/core/protocol'
import type { Identity } from '../channel/identity.ts'
import type { LiveChannel } from '../channel/live-channel.ts'
import type { Slots } from '../environment/slots.ts'
import type { OutgoingFrame } from '../gateway/gateway.ts'
import type { Membership } from './membership.ts'

/** The session as its requests see it. */
export interface Requester {
  readonly user: Identity
  /** The client as its hello named it. */
  readonly client: string
  /** How many of its requests are not answered yet. */
  requests: number
  send(frame: OutgoingFrame): void
  /** Runs what sends a large frame once the link has room for it, or is over. */
  whenRoom(send: () => void): Promise<void>
  /** What a snapshot takes while it is read and sent. */
  readonly snapshots: Slots
  /** A fresh token for the same person. */
  refresh(token: string): Promise<void>
  /** A new membership in the place of an older one; undefined: as many as allowed are there. */
  enter(channel: string): Membership | undefined
  /** False once the channel was left, joined anew, or the session is over. */
  holds(membership: Membership): boolean
  /** From now on gets what follows `sentThrough`. */
  attach(membership: Membership, live: LiveChannel, sentThrough: number): void
  /** The channel is left. */
  refuse(channel: string, error: SynclineError): void
  /** How far the channel's presence has come for this session; undefined where nobody watches. */
  revision(channel: string): Revision | undefined
  /** Something could not be done; the session and the channel go on. */
  complain(error: SynclineError, channel?: string): void
}
