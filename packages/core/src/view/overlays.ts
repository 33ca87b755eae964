import type { SynclineError } from '../errors/syncline-error.ts'
import type { PendingWrite } from '../outbox/outbox.ts'
import { foldFailed, handlerOf } from './fold.ts'

/** The write that an optimistic handler speaks for. */
export interface OptimisticWrite {
  readonly writeId: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

export type OptimisticHandlers = Readonly<
  Record<string, ((state: unknown, input: unknown, write: OptimisticWrite) => unknown) | undefined>
>

/** The state with the given writes laid over it, in their order. */
export type Overlays = (state: unknown, writes: readonly PendingWrite[]) => unknown

/**
 * Lays writes over a state. What is already laid is kept while the state below and the writes before are the
 * same, so that one more write costs one handler and no change gives the same value.
 * A handler that throws is left out and reported once for its write.
 */
export const createOverlays = (
  handlers: OptimisticHandlers,
  report: (error: SynclineError) => void,
): Overlays => {
  const failed = new Set<string>()
  let below: unknown
  let laid: readonly PendingWrite[] = []
  let value: unknown

  const lay = (write: PendingWrite): void => {
    try {
      const handler = handlerOf(handlers, write.name)
      if (handler) value = handler(value, write.data, { writeId: write.id, createdAt: write.createdAt })
    } catch (cause) {
      if (failed.has(write.id)) return
      failed.add(write.id)
      report(foldFailed(write.channel, `optimistic ${write.name}`, cause))
    }
  }
  const goesOn = (writes: readonly PendingWrite[]): boolean =>
    laid.length <= writes.length && laid.every(({ id }, index) => writes[index]?.id === id)

  return (state, writes) => {
    const from = Object.is(state, below) && goesOn(writes) ? laid.length : 0
    if (from === 0) value = state
    below = state
    for (let index = from; index < writes.length; index++) lay(writes[index] as PendingWrite)
    laid = writes
    if (!writes.length) failed.clear()
    return value
  }
}
