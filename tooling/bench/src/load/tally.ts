import { clock } from '../process/usage.ts'
import { MARKER, STAMP_DIGITS } from '../servers/message.ts'

/** What one client of a load process received. */
export class Tally {
  /** Messages since the last `expect`. */
  count = 0
  #text: string[] | undefined
  readonly #onMessages: (tally: Tally) => void
  /** Where the delays go, in microseconds; undefined where nobody asks. */
  delays: number[] | undefined

  /** @param sampled keeps all that comes, so that it can be checked message by message. */
  constructor(sampled: boolean, onMessages: (tally: Tally) => void) {
    if (sampled) this.#text = []
    this.#onMessages = onMessages
  }

  /** Counts the messages in these bytes. */
  take(bytes: Buffer, from: number, to: number): void {
    const before = this.count
    for (let at = bytes.indexOf(MARKER, from); at >= 0 && at < to; at = bytes.indexOf(MARKER, at + 1)) {
      this.count++
      if (this.delays) this.#delay(bytes, at + 1, to)
    }
    this.#text?.push(bytes.toString('latin1', from, to))
    if (this.count !== before) this.#onMessages(this)
  }

  /** Forgets what came, ready for the next run. */
  reset(measureDelays: boolean): void {
    this.count = 0
    this.delays = measureDelays ? [] : undefined
    if (this.#text) this.#text = []
  }

  /** What is wrong with what a sampled client received, if anything: each message once and in order. */
  mistake(count: number): string | undefined {
    if (!this.#text) return
    let expected = 0
    for (const [, n] of this.#text.join('').matchAll(/"n":(\d+)/g))
      if (Number(n) !== expected++) return `message ${n} came where ${expected - 1} was next`
    return expected === count ? undefined : `${expected} messages came of ${count}`
  }

  /** A stamp that is cut in two by the end of a read is left out. */
  #delay(bytes: Buffer, from: number, to: number): void {
    if (from + STAMP_DIGITS > to) return
    let sent = 0
    for (let at = from; at < from + STAMP_DIGITS; at++) sent = sent * 10 + (bytes[at] as number) - 48
    this.delays?.push(clock() - sent)
  }
}
