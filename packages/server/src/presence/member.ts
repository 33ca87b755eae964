import type { PresenceStatus } from '@syncline/core/protocol'

/** What a member shares, checked: state and cursor are JSON already. */
export interface Shared {
  /** Undefined: nothing is shared as state. */
  state: string | undefined
  status: PresenceStatus
  typing: boolean
  /** Undefined: there is none. */
  cursor: string | undefined
}

/**
 * One client that is on a channel, as the hub keeps it. Changes are counted for each channel: each field knows the
 * count of its last change, so that what follows any count can be told without keeping what was told before.
 */
export interface Member extends Shared {
  readonly id: string
  readonly person: string
  readonly subject: string
  /** Milliseconds since 1970. */
  readonly since: number
  /** The seat that speaks for it now; undefined while its lease runs out. */
  holder: object | undefined
  /** The number of that seat's session. */
  arrival: number
  /** Grows each time another seat takes it over: an expiry removes only its own generation. */
  generation: number
  /** True once it has left: kept a while, so that those who have not heard of it can be told. */
  left: boolean
  /** The count at which it entered. */
  readonly entered: number
  stateAt: number
  statusAt: number
  typingAt: number
  cursorAt: number
  /** The count of its last change, its leaving included. */
  changed: number
  /** Its neighbours in the order of their last changes. */
  older: Member | undefined
  newer: Member | undefined
}
