/**
 * A place in a channel's log. `seq` counts from 1 within an `epoch`; 0 is before the first message.
 * A new epoch says that the log was lost, restored or reset: positions of different epochs do not compare.
 */
export interface Position {
  readonly epoch: string
  readonly seq: number
}

/**
 * A position with the id of the message there (`''` at 0). The id proves that both ends speak of the same
 * message: after a restored backup the same `{epoch, seq}` could be another one.
 */
export interface Anchor extends Position {
  readonly id: string
}

/** The committed effect of a write on one channel: the position of its last message there. */
export interface Effect {
  readonly channel: string
  readonly position: Position
}
