import type { Observable } from 'rxjs'
import type { State } from '../state/state.ts'
import type { PlainMember, PlainPresenceChange } from '../transport/plain-provider.ts'

/**
 * A channel's members by the provider's own presence, where its members enter by joining. Listening joins the
 * channel. There is no grace and no repair here: it is as good as the provider's.
 */
export interface PlainPresence<Data = unknown> {
  /** Everybody who is there; undefined while the provider has not told, or there is no link. */
  readonly members$: State<readonly PlainMember<Data>[] | undefined>
  /** Who came, changed and went, as the provider tells it. What happened without a link shows in `members$` only. */
  readonly changes$: Observable<PlainPresenceChange<Data>>
}

/** The same where listening does not enter. Each rejects with `not-connected`, or with the provider's own failure. */
export interface EnteringPlainPresence<Data = unknown> extends PlainPresence<Data> {
  /** Joins the channel and enters it, until `exit`; the provider's SDK enters again after a reconnection. */
  enter(data: Data): Promise<void>
  update(data: Data): Promise<void>
  exit(): Promise<void>
}
