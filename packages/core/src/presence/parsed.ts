import { parse, type Schema } from '../contract/schema.ts'
import { type SynclineError, toSynclineError } from '../errors/syncline-error.ts'

/** One value of a member, parsed as it changes. */
export interface Parsed {
  /** Whether there is a value that satisfies the schema. */
  readonly valid: boolean
  readonly value: unknown
  set(raw: unknown): void
  /** There is no value. */
  clear(): void
}

/**
 * Parses what is set, at once where the schema does; a schema that takes its time keeps the last value meanwhile, and
 * never puts an older one in the place of a newer. Of failures in a row the first is reported.
 *
 * @param late runs when a value came later.
 */
export const createParsed = (
  schema: Schema,
  what: string,
  report: (error: SynclineError) => void,
  late: () => void,
): Parsed => {
  let latest: unknown
  let failing = false
  const accept = (value: unknown): void => {
    parsed.valid = true
    parsed.value = value
    failing = false
  }
  const clear = (): void => {
    parsed.valid = false
    parsed.value = latest = undefined
  }
  const fail = (cause: unknown): void => {
    clear()
    if (!failing) report(toSynclineError(cause, 'schema-violation'))
    failing = true
  }
  const parsed = {
    valid: false,
    value: undefined as unknown,
    set: (raw: unknown) => {
      latest = undefined
      try {
        const result = parse(schema, raw, what)
        if (!(result instanceof Promise)) return accept(result)
        const turn = {}
        latest = turn
        const settle = (handle: (result: unknown) => void) => (settled: unknown) => {
          if (latest !== turn) return
          handle(settled)
          late()
        }
        result.then(settle(accept), settle(fail))
      } catch (cause) {
        fail(cause)
      }
    },
    clear,
  }
  return parsed
}
