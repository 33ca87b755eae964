/** What somebody in a room hears: counts what is looked for, and keeps all of it where it is to be checked. */
export class Listener {
  /** How often `marker` came. */
  count = 0
  readonly #marker: string
  readonly #heard: (listener: Listener) => void
  readonly #kept: string[] | undefined
  /** The end of the last read: a marker may be cut in two. */
  #rest = ''
  #last: string | undefined

  /**
   * @param kept true to keep all that comes
   * @param heard called once what `waitFor` waits for came
   */
  constructor(marker: string, kept: boolean, heard: (listener: Listener) => void) {
    this.#marker = marker
    this.#kept = kept ? [] : undefined
    this.#heard = heard
  }

  /** All that came; empty where nothing is kept. */
  get text(): string {
    return this.#kept?.join('') ?? ''
  }

  waitFor(text: string): void {
    this.#last = text
  }

  take(bytes: Buffer, from: number, to: number): void {
    const read = bytes.toString('latin1', from, to)
    this.#kept?.push(read)
    const marker = this.#marker
    const seam = this.#rest + read.slice(0, marker.length - 1)
    if (seam.includes(marker)) this.count++
    for (let at = read.indexOf(marker); at >= 0; at = read.indexOf(marker, at + 1)) this.count++
    if (this.#last !== undefined && (read.includes(this.#last) || seam.includes(this.#last))) {
      this.#last = undefined
      this.#heard(this)
    }
    this.#rest = (this.#rest + read).slice(1 - marker.length)
  }
}
