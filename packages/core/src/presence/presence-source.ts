import type { Observable } from 'rxjs'
import type { ChannelLog } from '../channel/channel.ts'
import type { Environment } from '../environment/environment.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { HubFrame } from '../protocol/frames.ts'
import type { State } from '../state/state.ts'
import type { HubLink } from '../transport/hub-link.ts'

/** What presence is made from: the stages behind a channel's public handle. */
export interface PresenceSource {
  /** Presence belongs to a joined channel: this keeps it so. */
  readonly log: ChannelLog
  readonly link$: State<HubLink | undefined>
  /** The channel's frames. What those of presence hold is not checked yet. */
  readonly frames$: Observable<HubFrame>
  /**
   * The client closes or signs out: it waits for what is added to the list, then closes its connection. Undefined:
   * another client goes on, and nobody says good-bye.
   */
  readonly closing$: Observable<Promise<unknown>[] | undefined>
  readonly environment: Environment
  /** The presence of the channel, once it is made. */
  presence?: unknown
}

/** Where a handle keeps its source. Registered, so that two copies of core in one page understand each other. */
export const presenceSource: unique symbol = Symbol.for('syncline.presence-source')

/**
 * The stages behind a handle.
 * @throws SynclineError `internal` for an object that no client made.
 */
export const presenceSourceOf = (handle: object): PresenceSource => {
  const source = (handle as { readonly [presenceSource]?: PresenceSource })[presenceSource]
  if (!source) throw new SynclineError('internal', { detail: 'This is not a channel handle of a client.' })
  return source
}
