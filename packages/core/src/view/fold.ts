import type { Batch, ChannelState, Message } from '../channel/channel.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import type { Anchor } from '../protocol/position.ts'

/** A state and the position that it belongs to: never one without the other. */
export interface Base {
  readonly state: unknown
  readonly position: Anchor
}

export type FoldHandlers = Readonly<
  Record<string, ((state: unknown, data: unknown, message: Message) => unknown) | undefined>
>

export interface Folded {
  readonly base: Base
  /** A handler threw: the state lacks that message. */
  readonly failure: SynclineError | undefined
}

/** @param handler the one that threw */
export const foldFailed = (channel: string, handler: string, cause: unknown): SynclineError =>
  new SynclineError('fold-failed', { channel, detail: `${handler}: ${String(cause)}.`, cause })

/** A handler of that name, and none that every object has from birth. */
export const handlerOf = <H>(handlers: Readonly<Record<string, H>>, name: string): H | undefined =>
  Object.hasOwn(handlers, name) ? handlers[name] : undefined

/** True when the batch does not follow `position` without a hole. */
export const isHole = ({ epoch, seq }: Anchor, batch: Batch): boolean =>
  batch.position.epoch !== epoch || batch.position.seq - batch.messages.length - batch.invalid.length > seq

/** True when the batch has another message where the state has its last one: they are of different logs. */
export const contradicts = ({ seq, id }: Anchor, { messages }: Batch): boolean =>
  (messages[0]?.position.seq ?? seq + 1) <= seq &&
  messages.some((message) => message.position.seq === seq && message.id !== id)

/** True when the channel stands where this position cannot be: it is of another log, or of the future. */
export const isForeign = (
  { epoch, seq, id }: Anchor,
  { phase, position, head }: Pick<ChannelState, 'phase' | 'position' | 'head'>,
): boolean =>
  (position?.epoch === epoch && position.seq === seq && position.id !== id) ||
  (phase === 'live' && head?.epoch === epoch && head.seq < seq)

/** Folds what is newer than the base. */
export const foldBatch = (base: Base, batch: Batch, handlers: FoldHandlers): Folded => {
  let { state } = base
  let failure: SynclineError | undefined
  for (const message of batch.messages) {
    if (message.position.seq <= base.position.seq) continue
    try {
      const handler = handlerOf(handlers, message.event)
      if (handler) state = handler(state, message.data, message)
    } catch (cause) {
      failure ??= foldFailed(message.channel, `${message.event} at ${message.position.seq}`, cause)
    }
  }
  const position = batch.position.seq > base.position.seq ? batch.position : base.position
  return { base: { state, position }, failure }
}
