/** The longest that a round is held back, in milliseconds. */
const longest = 10
/** Rounds that took less are not worth holding back for; the clock does not tell such times apart either. */
const shortest = 2
/** So many rounds must follow one another without a pause before the next is held back. */
const patience = 2
/** Milliseconds between two rounds that are no pause. */
const noPause = 1

const nothing = (): void => undefined

/**
 * When a channel's next round of fan-out goes out. What a round costs is its writes, one for each client, so while
 * rounds follow one another without a pause each is held back for as long as the last one took: messages gather and
 * leave with fewer writes. A message that comes after a pause goes at once, and so does what fills a frame.
 */
export class RoundPace {
  /** Cancels the timer of a round that is held back. */
  endWait: () => void = nothing
  #endedAt = Number.NEGATIVE_INFINITY
  #took = 0
  #pressed = 0

  /** For how many milliseconds a round with so many messages is to be held back; `full`: as many as a frame takes. */
  wait(now: number, count: number, full: number): number {
    if (this.#pressed < patience || this.#took < shortest || count === 0 || count >= full) return 0
    return Math.max(0, Math.min(this.#took, this.#endedAt + this.#took - now))
  }

  /** A round has gone out. One held back for a single message was held back for nothing. */
  sent(begun: number, ended: number, count: number, wasHeld: boolean): void {
    const isPressed = wasHeld ? count > 1 : begun - this.#endedAt <= noPause
    this.#pressed = isPressed ? this.#pressed + 1 : 0
    this.#took = Math.min(longest, ended - begun)
    this.#endedAt = ended
  }
}
