import { parse, type Schema, SynclineError } from '@syncline/core'
import type { SharedPresence } from '@syncline/core/protocol'
import type { Served } from '../channel/served.ts'
import { isPromise } from '../environment/is-promise.ts'
import type { Limits } from '../limits.ts'
import type { Shared } from './member.ts'

type Checked = Partial<Shared>

const toJson = (value: unknown, what: string, limits: Limits): string | undefined => {
  const json = JSON.stringify(value) as string | undefined
  if (json !== undefined && json.length > limits.presenceBytes)
    throw new SynclineError('too-large', { detail: `${what} has more than ${limits.presenceBytes} bytes.` })
  return json
}

/** Only whether it fits: what is sent is the input. */
const check = (schema: Schema | undefined, value: unknown, what: string): Promise<unknown> | undefined => {
  if (!schema) throw new SynclineError('schema-violation', { detail: `The contract has no ${what}.` })
  const parsed = parse(schema, value, what) as unknown
  return isPromise(parsed) ? Promise.resolve(parsed) : undefined
}

/**
 * What a client wants to share, by the contract's schemas and the hub's bounds; at once where the schemas answer
 * at once.
 * @param whole true when it enters: its state is checked also where it is left out
 * @throws SynclineError `schema-violation`, `too-large` (as a rejection where a schema takes its time)
 */
export const checkShared = (
  served: Served,
  { state, status, typing, cursor }: SharedPresence,
  whole: boolean,
  limits: Limits,
): Checked | Promise<Checked> => {
  const checked: Checked = {}
  let first: Promise<unknown> | undefined
  let second: Promise<unknown> | undefined
  if (whole || state !== undefined) {
    checked.state = toJson(state, 'presence', limits)
    first = check(served.presence, state, 'presence')
  }
  if (cursor !== undefined) {
    checked.cursor = cursor === null ? undefined : toJson(cursor, 'cursor', limits)
    if (cursor !== null) second = check(served.cursor, cursor, 'cursor')
  }
  if (status !== undefined) checked.status = status
  if (typing !== undefined) checked.typing = typing
  return first || second ? Promise.all([first, second]).then(() => checked) : checked
}
