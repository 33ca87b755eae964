import type { Anchor } from '@syncline/core/protocol'
import type { StoredMessage } from '../store/hub-store.ts'

/** A channel's newest messages, contiguous and bounded by count and bytes; the oldest leave first. */
export class RecentMessages {
  readonly #maxCount: number
  readonly #maxBytes: number
  #items: StoredMessage[] = []
  /** Where the oldest stands in `#items`: what is before it has left. */
  #start = 0
  #bytes = 0
  /** The message before the oldest one, of which the id is all that is kept. */
  #beforeSeq = 0
  #beforeId = ''

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

  /** The id of the message at `seq`, also of the one before the oldest here, which the log may have dropped. */
  idAt(seq: number): string | undefined {
    const place = seq - this.#beforeSeq - 1
    if (place < 0) return place === -1 ? this.#beforeId : undefined
    return this.#items[this.#start + place]?.id
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

  /** Begins anew with what follows `before`. */
  restart(before: Pick<Anchor, 'seq' | 'id'>): void {
    this.#beforeSeq = before.seq
    this.#beforeId = before.id
    this.#items = []
    this.#start = 0
    this.#bytes = 0
  }

  #shift(): void {
    const oldest = this.#items[this.#start++] as StoredMessage
    this.#bytes -= oldest.json.length
    this.#beforeSeq = oldest.seq
    this.#beforeId = oldest.id
    if (this.#start < 64 || this.#start * 2 < this.#items.length) return
    this.#items = this.#items.slice(this.#start)
    this.#start = 0
  }
}
