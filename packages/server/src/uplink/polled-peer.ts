import type { OutgoingFrame, Peer } from '../gateway/gateway.ts'

/** Heads are only worth their newest: they wait apart, and nobody is woken for them. */
const isHeads = ({ json }: OutgoingFrame): boolean => json.startsWith('{"type":"heads"')

/** A client that asks for what it gets: frames wait here until then. */
export class PolledPeer implements Peer {
  readonly id: string
  readonly address: string | undefined
  readonly #most: number
  readonly #queued: (wakes: boolean) => void
  readonly #closed: () => void
  #frames: OutgoingFrame[] = []
  #heads: OutgoingFrame | undefined
  #bytes = 0
  #open = true

  /** @param most bytes that wait before the peer counts as busy, and that one answer takes, about */
  constructor(
    id: string,
    most: number,
    address: string | undefined,
    on: { queued(wakes: boolean): void; closed(): void },
  ) {
    this.id = id
    this.address = address
    this.#most = most
    this.#queued = on.queued
    this.#closed = on.closed
  }

  get busy(): boolean {
    return this.#bytes > this.#most
  }

  get bufferedBytes(): number {
    return this.#bytes
  }

  get open(): boolean {
    return this.#open
  }

  /** Something waits, if only heads. */
  get waiting(): boolean {
    return this.#frames.length > 0 || this.#heads !== undefined
  }

  send(frame: OutgoingFrame): void {
    if (!this.#open) return
    const heads = isHeads(frame)
    if (heads) this.#heads = frame
    else {
      this.#frames.push(frame)
      this.#bytes += frame.json.length
    }
    this.#queued(!heads)
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    // Its last word is all that one gets who left too much waiting: it starts anew with the next session.
    if (this.busy) {
      this.#frames = this.#frames.slice(-1)
      this.#heads = undefined
      this.#bytes = this.#frames[0]?.json.length ?? 0
    }
    this.#closed()
  }

  /** The frames of one answer as a JSON array; the rest waits on. */
  take(): string {
    const taken: string[] = []
    let bytes = 0
    while (taken.length < this.#frames.length && (bytes === 0 || bytes < this.#most)) {
      const json = this.#frames[taken.length]?.json ?? ''
      taken.push(json)
      bytes += json.length
    }
    this.#frames = this.#frames.slice(taken.length)
    this.#bytes -= bytes
    if (this.#heads && this.#frames.length === 0) {
      taken.push(this.#heads.json)
      this.#heads = undefined
    }
    return `[${taken.join()}]`
  }
}
