import type { AnyContract, CursorInput, PresenceInput } from '@syncline/core'
import type { PresenceStatus } from '@syncline/core/protocol'
import type { Room } from './room.ts'

/** One client that is on a channel now, as the backend sees it. */
export interface HubMember<C extends AnyContract> {
  /** The same for the same client on the same channel. */
  readonly id: string
  /** The subject; on a hub without `authenticate` the member's own id. */
  readonly person: string
  /** When it entered, in milliseconds since 1970. */
  readonly since: number
  /** What it shares, in the form that travels. */
  readonly state: PresenceInput<C>
  readonly status: PresenceStatus
  readonly typing: boolean
  /** Undefined: it shows none. */
  readonly cursor: CursorInput<C> | undefined
}

const parsed = <T>(json: string | undefined): T => (json === undefined ? undefined : JSON.parse(json)) as T

/** The members of a channel by when they entered. */
export const membersOf = <C extends AnyContract>(room: Room | undefined): readonly HubMember<C>[] =>
  Array.from(room?.members ?? [], ({ id, person, since, state, status, typing, cursor }) => ({
    id,
    person,
    since,
    state: parsed<PresenceInput<C>>(state),
    status,
    typing,
    cursor: parsed<CursorInput<C> | undefined>(cursor),
  }))
