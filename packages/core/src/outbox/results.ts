import { Emitter } from '../state/emitter.ts'
import type { WriteResult } from './outbox.ts'
import type { OutboxContext } from './outbox-context.ts'
import type { Write } from './write.ts'

/** The results of accepted mutations, parsed by their contract. */
export interface Results {
  readonly results$: Emitter<WriteResult>
  /** Takes a result as it came; returns it parsed, or a promise of that. */
  accepted(write: Write, result: unknown): unknown
}

export const createResults = (
  parseResult: OutboxContext['parseResult'],
  failed: (error: unknown) => void,
): Results => {
  const results$ = new Emitter<WriteResult>()
  const parse = ({ channel, name }: Write, result: unknown): unknown => {
    try {
      return parseResult(channel, name, result)
    } catch (error) {
      return Promise.reject(error)
    }
  }
  const tell = ({ channel, name, input, id }: Write, result: unknown): void =>
    results$.next({ channel, name, data: input, result, id })

  return {
    results$,
    accepted: (write, result) => {
      if (write.kind !== 'mutate') return undefined
      const outcome = parse(write, result)
      if (outcome instanceof Promise) outcome.then((parsed) => tell(write, parsed), failed)
      else if (results$.observed) queueMicrotask(() => tell(write, outcome))
      return outcome
    },
  }
}
