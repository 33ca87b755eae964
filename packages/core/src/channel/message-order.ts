import { createSequenceBuffer, type SequenceBuffer } from '../operators/sequence-buffer.ts'
import type { WireMessage } from '../protocol/frames.ts'
import type { Anchor } from '../protocol/position.ts'

/** The messages of one epoch in their order, those of one write kept together. */
export interface MessageOrder {
  /** The last message handed out: where the channel goes on from. */
  readonly tail: Anchor | undefined
  /** The last message in order, that of an unfinished write included: what is fetched comes after it. */
  readonly received: Anchor | undefined
  /** Some message was another one than was received before, or said to be: the log is another one. */
  readonly diverged: boolean
  /** True when messages are held because an earlier one is missing. */
  readonly holed: boolean
  /**
   * Takes messages of the epoch, contiguous among themselves, and hands out what is complete and in order; nothing once the log is another one.
   * @param after the id of the message before the first of them, where that is known
   */
  take(messages: readonly WireMessage[], after?: string): readonly WireMessage[]
  /** Hands out an unfinished write: nothing more of it comes. */
  flush(): readonly WireMessage[]
  /** Goes on after `start`; undefined forgets everything. */
  restart(start: Anchor | undefined): void
}

/** A message, and the id of the one before it where that is known. */
type Link = readonly [message: WireMessage, before: string | undefined]

const none: readonly WireMessage[] = []
/** A message's place. Without destructuring, which asks an array for its iterator, for each message. */
export const toAnchor = ({ epoch }: Anchor, message: WireMessage): Anchor => ({
  epoch,
  seq: message[0],
  id: message[1],
})

const goesOn = (message: WireMessage | undefined): boolean => message?.[6] === 1

class Order implements MessageOrder {
  tail: Anchor | undefined
  received: Anchor | undefined
  diverged = false
  readonly #bound: number
  readonly #buffer: SequenceBuffer<Link>
  #unfinished: WireMessage[] | undefined

  constructor(bound: number) {
    this.#bound = bound
    this.#buffer = createSequenceBuffer(bound, 1)
  }
  get holed(): boolean {
    return this.#buffer.size > 0
  }
  take(messages: readonly WireMessage[], after?: string): readonly WireMessage[] {
    const { received } = this
    if (!received) return none
    const buffer = this.#buffer
    if (
      this.#unfinished ||
      buffer.size ||
      goesOn(messages[messages.length - 1]) ||
      messages[0]?.[0] !== buffer.next ||
      (after ?? received.id) !== received.id
    )
      return this.#sort(messages, after, received)
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

  #handOut(messages: readonly WireMessage[]): readonly WireMessage[] {
    const last = messages[messages.length - 1]
    if (last) this.tail = toAnchor(this.tail as Anchor, last)
    return messages
  }
  /** The general case: early, repeated or partly complete messages, or those of another log. */
  #sort(
    messages: readonly WireMessage[],
    after: string | undefined,
    received: Anchor,
  ): readonly WireMessage[] {
    const links: Link[] = []
    let before = after
    for (const message of messages) {
      const [seq, id] = message
      if (seq === received.seq && id !== received.id) this.diverged = true
      this.#buffer.offer(seq, [message, before], links)
      before = id
    }
    const ready = this.#unfinished ?? []
    let last = received
    for (const [message, before = last.id] of links) {
      if (before !== last.id) this.diverged = true
      last = toAnchor(last, message)
      ready.push(message)
    }
    if (this.diverged) return none
    this.received = last
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
