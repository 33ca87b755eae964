import type { NewMessage } from '../store/hub-store.ts'

/** A message before it has its place: everything of its `WireMessage` but the `seq` is JSON already. */
export class MessageDraft implements NewMessage {
  readonly id: string
  readonly timestamp: number
  readonly #event: string
  readonly #data: string
  readonly #writeId: string | undefined
  /** True if the next message of the channel belongs to the same write. */
  more = false

  constructor(id: string, timestamp: number, event: string, data: string, writeId: string | undefined) {
    this.id = id
    this.timestamp = timestamp
    this.#event = event
    this.#data = data
    this.#writeId = writeId
  }

  encode(seq: number): string {
    const head = `[${seq},${JSON.stringify(this.id)},${this.timestamp},${JSON.stringify(this.#event)},`
    // Joined into one piece: strings put together by `+` stay a tree of their parts, which a log keeps for long.
    return [head, this.#data, this.#tail()].join('')
  }

  #tail(): string {
    if (this.#writeId === undefined) return this.more ? ',null,1]' : ']'
    return `,${JSON.stringify(this.#writeId)}${this.more ? ',1]' : ']'}`
  }
}

/** One channel's part of a commit. */
export interface Append {
  readonly channel: string
  readonly messages: readonly MessageDraft[]
}
