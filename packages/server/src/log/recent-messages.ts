import type { StoredMessage } from '../store/hub-store.ts'

/** A channel's newest messages, contiguous and bounded by count and bytes; the oldest leave first. */
export class RecentMessages {
  readonly #maxCount: number
  readonly #maxBytes: number
  #items: StoredMessage[] = []
  /** Where the oldest stands in `#items`: what is before it has left. */
  #start = 0
  #bytes = 0

  constructor(maxCount: number, maxBytes: number) {
    this.#maxCount = maxCount
    this.#maxBytes = maxBytes
  }

  get size(): number {
    return this.#items.length - this.#start
  }

  push(message: StoredMessage): void {
    this.#items.push(message)
    this.#bytes += message.json.length
    while (this.size > this.#maxCount || (this.#bytes > this.#maxBytes && this.size > 1)) this.#shift()
  }

  /** True if every message after `seq` that exists is here. */
  covers(seq: number): boolean {
    const oldest = this.#items[this.#start]
    return oldest !== undefined && seq >= oldest.seq - 1
  }

  at(seq: number): StoredMessage | undefined {
    const oldest = this.#items[this.#start]
    return oldest && seq >= oldest.seq ? this.#items[this.#start + seq - oldest.seq] : undefined
  }

  /** What follows `seq`, at most `count` messages and about `bytes`, at least one. Only where it `covers(seq)`. */
  after(seq: number, count: number, bytes: number): StoredMessage[] {
    const first = this.#items[this.#start]
    if (!first) return []
    const from = this.#start + seq + 1 - first.seq
    let to = from
    let taken = 0
    while (to < this.#items.length && to - from < count) {
      taken += this.#items[to]?.json.length ?? 0
      if (taken > bytes && to > from) break
      to++
    }
    return this.#items.slice(from, to)
  }

  clear(): void {
    this.#items = []
    this.#start = 0
    this.#bytes = 0
  }

  #shift(): void {
    this.#bytes -= this.#items[this.#start]?.json.length ?? 0
    this.#start++
    if (this.#start < 64 || this.#start * 2 < this.#items.length) return
    this.#items = this.#items.slice(this.#start)
    this.#start = 0
  }
}
