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

/** @param bound how many early messages are held, and how many of one unfinished write. */
export const createMessageOrder = (bound: number): MessageOrder => {
  const buffer: SequenceBuffer<WireMessage> = createSequenceBuffer(bound, 1)
  let tail: Anchor | undefined
  let received: Anchor | undefined
  let unfinished: WireMessage[] = []
  let diverged = false

  const anchorOf = ([seq, id]: WireMessage): Anchor => ({ epoch: (tail as Anchor).epoch, seq, id })
  const handOut = (messages: readonly WireMessage[]): readonly WireMessage[] => {
    const last = messages.at(-1)
    if (last) tail = anchorOf(last)
    return messages
  }
  /** The general case: early, repeated or partly complete messages. */
  const sort = (messages: readonly WireMessage[]): readonly WireMessage[] => {
    const ready = unfinished
    for (const message of messages) {
      if (message[0] === received?.seq && message[1] !== received.id) diverged = true
      buffer.offer(message[0], message, ready)
    }
    const last = ready.at(-1)
    if (last) received = anchorOf(last)
    let complete = ready.length
    while (complete > 0 && goesOn(ready[complete - 1])) complete--
    if (ready.length - complete > bound) complete = ready.length
    unfinished = ready.splice(complete)
    return handOut(ready)
  }

  return {
    get tail() {
      return tail
    },
    get received() {
      return received
    },
    get diverged() {
      return diverged
    },
    get holed() {
      return buffer.size > 0
    },
    take: (messages) => {
      if (!tail || messages.length === 0) return none
      const simple = buffer.size === 0 && unfinished.length === 0 && !goesOn(messages.at(-1))
      if (!simple || !contiguous(messages, buffer.next)) return sort(messages)
      buffer.restart(buffer.next + messages.length)
      handOut(messages)
      received = tail
      return messages
    },
    flush: () => {
      const rest = unfinished
      unfinished = []
      return handOut(rest)
    },
    restart: (start) => {
      tail = received = start
      unfinished = []
      diverged = false
      buffer.restart((start?.seq ?? 0) + 1)
    },
  }
}
