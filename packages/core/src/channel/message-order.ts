import { createSequenceBuffer, type SequenceBuffer } from '../operators/sequence-buffer.ts'
import type { WireMessage } from '../protocol/frames.ts'
import type { Anchor } from '../protocol/position.ts'

/** The messages of one epoch in their order, those of one write kept together. */
export interface MessageOrder {
  /** The last message handed out: where the channel goes on from. */
  readonly tail: Anchor | undefined
  /** The last message in order, that of an unfinished write included: what is fetched comes after it. */
  readonly received: Anchor | undefined
  /** Some message that was received twice had another id: the log is another one. */
  readonly diverged: boolean
  /** True when messages are held because an earlier one is missing. */
  readonly holed: boolean
  /** Takes messages of the epoch and hands out what is complete and in order. */
  take(messages: readonly WireMessage[]): readonly WireMessage[]
  /** Hands out an unfinished write: nothing more of it comes. */
  flush(): readonly WireMessage[]
  /** Goes on after `start`; undefined forgets everything. */
  restart(start: Anchor | undefined): void
}

const none: readonly WireMessage[] = []
const goesOn = (message: WireMessage | undefined): boolean => message?.[6] === 1

const contiguous = (messages: readonly WireMessage[], next: number): boolean => {
  for (let index = 0; index < messages.length; index++)
    if (messages[index]?.[0] !== next + index) return false
  return true
}

class Order implements MessageOrder {
  tail: Anchor | undefined
  received: Anchor | undefined
  diverged = false
  readonly #bound: number
  readonly #buffer: SequenceBuffer<WireMessage>
  #unfinished: WireMessage[] | undefined

  constructor(bound: number) {
    this.#bound = bound
    this.#buffer = createSequenceBuffer(bound, 1)
  }
  get holed(): boolean {
    return this.#buffer.size > 0
  }
  take(messages: readonly WireMessage[]): readonly WireMessage[] {
    if (!this.tail || !messages.length) return none
    const buffer = this.#buffer
    const simple = !this.#unfinished && !buffer.size && !goesOn(messages.at(-1))
    if (!simple || !contiguous(messages, buffer.next)) return this.#sort(messages)
    buffer.restart(buffer.next + messages.length)
    this.#handOut(messages)
    this.received = this.tail
    return messages
  }
  flush(): readonly WireMessage[] {
    const rest = this.#unfinished ?? none
    this.#unfinished = undefined
    return this.#handOut(rest)
  }
  restart(start: Anchor | undefined): void {
    this.tail = this.received = start
    this.#unfinished = undefined
    this.diverged = false
    this.#buffer.restart((start?.seq ?? 0) + 1)
  }

  #anchorOf([seq, id]: WireMessage): Anchor {
    return { epoch: (this.tail as Anchor).epoch, seq, id }
  }
  #handOut(messages: readonly WireMessage[]): readonly WireMessage[] {
    const last = messages.at(-1)
    if (last) this.tail = this.#anchorOf(last)
    return messages
  }
  /** The general case: early, repeated or partly complete messages. */
  #sort(messages: readonly WireMessage[]): readonly WireMessage[] {
    const ready = this.#unfinished ?? []
    for (const message of messages) {
      const { received } = this
      if (message[0] === received?.seq && message[1] !== received.id) this.diverged = true
      this.#buffer.offer(message[0], message, ready)
    }
    const last = ready.at(-1)
    if (last) this.received = this.#anchorOf(last)
    let complete = ready.length
    while (complete > 0 && goesOn(ready[complete - 1])) complete--
    if (ready.length - complete > this.#bound) complete = ready.length
    const rest = ready.splice(complete)
    this.#unfinished = rest.length ? rest : undefined
    return this.#handOut(ready)
  }
}

/** @param bound how many early messages are held, and how many of one unfinished write. */
export const createMessageOrder = (bound: number): MessageOrder => new Order(bound)
