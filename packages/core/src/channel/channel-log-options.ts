import type { Observable } from 'rxjs'
import type { Environment } from '../environment/environment.ts'
import type { HubFrame } from '../protocol/frames.ts'
import type { State } from '../state/state.ts'
import type { HubLink } from '../transport/hub-link.ts'

/** What a log is wired to, and its bounds. */
export interface ChannelLogOptions {
  readonly name: string
  /** Throws (or rejects with) `unknown-event` or `schema-violation`. */
  readonly parseEvent: (event: string, data: unknown) => unknown
  readonly parseSnapshot: (state: unknown) => unknown
  readonly link$: State<HubLink | undefined>
  /** The frames of this channel. Subscribed while the channel is in use. */
  readonly frames$: Observable<HubFrame>
  readonly environment: Environment
  /** How many writes to the channel are not yet accepted. */
  readonly pending$: State<number>
  /** How long the channel stays joined after its last use, in milliseconds. Default 5,000. */
  readonly linger?: number | undefined
  /** Early messages held, messages of one write kept together, messages in validation: each at most so many. Default 1,000. */
  readonly bufferMessages?: number | undefined
  /** How long a head may be ahead of its messages before they are fetched, in milliseconds. Default 1,000. */
  readonly gapTimeout?: number | undefined
  /** When a question to the hub is asked again, in milliseconds. Default 10,000. */
  readonly requestTimeout?: number | undefined
  /** Messages asked for at once. Default: the hub's own page. */
  readonly pageLimit?: number | undefined
}
