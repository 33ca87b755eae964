import type { StandardSchemaV1 } from '@standard-schema/spec'
import { SynclineError } from '../errors/syncline-error.ts'

/** Any Standard Schema (Zod, Valibot, ArkType, …), or `type<T>()`. */
export type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>

/** What is passed in (and travels on the wire) for a schema. */
export type InputOf<S extends Schema> = StandardSchemaV1.InferInput<S>
/** What comes out of a schema after parsing. */
export type OutputOf<S extends Schema> = StandardSchemaV1.InferOutput<S>

/**
 * A schema that only types: nothing is checked at run time. Use it for data from a source you trust.
 *
 * @example
 * defineChannel('todos', { snapshot: type<Todo[]>(), events: {} })
 */
export const type = <T>(): Schema<T, T> => unchecked as Schema<T, T>

const unchecked: Schema<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'syncline', validate: (value) => ({ value }) },
}

/**
 * Parses a value. Synchronous schemas answer at once; asynchronous ones with a promise.
 * @throws SynclineError `schema-violation` with the schema's issues.
 */
export const parse = <S extends Schema>(
  schema: S,
  value: unknown,
  what: string,
): OutputOf<S> | Promise<OutputOf<S>> => {
  const result = schema['~standard'].validate(value)
  return result instanceof Promise
    ? result.then((settled) => unwrap(settled, what) as OutputOf<S>)
    : (unwrap(result, what) as OutputOf<S>)
}

const unwrap = (result: StandardSchemaV1.Result<unknown>, what: string): unknown => {
  if (!result.issues) return result.value
  const issues = result.issues.map(({ path, message }) => ({
    path: (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
    message,
  }))
  throw new SynclineError('schema-violation', {
    detail: `${what}: ${issues[0]?.path ? `${issues[0].path}: ` : ''}${issues[0]?.message ?? ''}`,
    issues,
  })
}
