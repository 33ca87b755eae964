import type { ChannelLog } from '../channel/channel.ts'
import type { Environment } from '../environment/environment.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { PendingWrite } from '../outbox/outbox.ts'
import type { Position } from '../protocol/position.ts'
import type { State } from '../state/state.ts'
import type { OpenStorage } from '../storage/client-storage.ts'

/** What a view is made from: the stages behind a channel's public handle. */
export interface ViewSource {
  readonly log: ChannelLog
  /** The channel's writes that are not yet applied, oldest first: `outbox.pendingOn(channel)`. */
  readonly pending$: State<readonly PendingWrite[]>
  /** True once the outbox has read what an earlier page left. */
  readonly loaded$: State<boolean>
  /** `outbox.hold(channel)`. */
  hold(): () => void
  /** `outbox.settled(channel, position)`. */
  settled(position: Position): void
  /** Works with the storage of this identity. After signing out nothing is done, and the result undefined. */
  storage<T>(work: (storage: OpenStorage) => Promise<T>): Promise<T | undefined>
  /** The person has signed out: what is theirs is not shown any more. */
  signedOut(): boolean
  readonly environment: Environment
  /** Takes the failures of views: `errors$` of the channel and of the client. */
  report(error: SynclineError): void
}

/** Where a handle keeps its source. Registered, so that two copies of core in one page understand each other. */
export const viewSource: unique symbol = Symbol.for('syncline.view-source')

/**
 * The stages behind a handle.
 * @throws SynclineError `internal` for an object that no client made.
 */
export const viewSourceOf = (handle: object): ViewSource => {
  const source = (handle as { readonly [viewSource]?: ViewSource })[viewSource]
  if (!source) throw new SynclineError('internal', { detail: 'No channel handle.' })
  return source
}
