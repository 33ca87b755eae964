import type { SynclineError } from '../errors/syncline-error.ts'
import type { Anchor } from '../protocol/position.ts'
import type { State } from '../state/state.ts'

/** How much a view can be relied on. */
export interface ViewStatus {
  /** `loading` until there is a state from storage or from the hub. */
  readonly at: 'loading' | 'ready'
  /** True when the state is known to have missed something; a refresh is on its way. */
  readonly stale: boolean
  /** The position that the state (without overlays) belongs to. */
  readonly position: Anchor | undefined
  readonly error: SynclineError | undefined
}

/**
 * A channel's state on the client: snapshot, messages folded, overlays of pending writes. It ends with the client,
 * and shows nothing any more once the person has signed out.
 */
export interface View<S> extends State<S | undefined> {
  readonly channel: string
  readonly status$: State<ViewStatus>
  /** The state without overlays. */
  readonly confirmed$: State<S | undefined>
  /** Starts over from a fresh snapshot; the old state stays until it is there. */
  refresh(): void
  close(): void
}
