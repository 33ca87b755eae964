import { type ErrorCode, errorCatalog } from './error-catalog.ts'

/** What a {@link SynclineError} carries beside its code. */
export interface ErrorDetails {
  /** What happened in this case, one sentence. */
  readonly detail?: string | undefined
  /** Milliseconds to wait before trying again, where the hub asked for that. */
  readonly retryAfter?: number | undefined
  /** The schema issues of a `schema-violation`. */
  readonly issues?: readonly ErrorIssue[] | undefined
  readonly channel?: string | undefined
  readonly cause?: unknown
}

/** One schema issue: where, and what is wrong. */
export interface ErrorIssue {
  readonly path?: string
  readonly message: string
}

/** An error as it travels on the wire. */
export interface WireError {
  readonly code: string
  readonly detail?: string
  readonly retryAfter?: number
  readonly issues?: readonly ErrorIssue[]
}

/** Those of the fields that are set. */
const given = <T extends object, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> =>
  Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]])) as Pick<
    T,
    K
  >

/**
 * Every failure in Syncline. Decide on `code`, never on the text.
 *
 * @example
 * client.errors$.subscribe((error) => { if (error.code === 'schema-violation') report(error) })
 */
export class SynclineError extends Error {
  override readonly name = 'SynclineError'
  /** Stable: decide on this. */
  readonly code: ErrorCode
  /** What the code means and what to do about it. */
  readonly remedy: string
  // Declared only: what is not set is not there, and not printed.
  declare readonly detail: string | undefined
  declare readonly retryAfter: number | undefined
  declare readonly issues: readonly ErrorIssue[] | undefined
  declare readonly channel: string | undefined

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const remedy: string = errorCatalog[code] ?? ''
    const { detail, cause } = details
    const sentence = detail ? `${`${detail}`.replace(/[^.!?]$/, '$&.')} ` : ''
    super(`${code}: ${sentence}${remedy}`, cause === undefined ? cause : { cause })
    this.code = code
    this.remedy = remedy
    Object.assign(this, given(details, 'detail', 'retryAfter', 'issues', 'channel'))
  }
}

/** Any thrown value as a {@link SynclineError}; one that is already stays as it is. */
export const toSynclineError = (cause: unknown, code: ErrorCode = 'internal'): SynclineError =>
  cause instanceof SynclineError
    ? cause
    : new SynclineError(code, { cause, detail: cause instanceof Error ? cause.message : String(cause) })

/** The error as it goes on the wire: no stack, no cause. */
export const toWireError = (error: SynclineError): WireError =>
  given(error, 'code', 'detail', 'retryAfter', 'issues') as WireError

/** The error that came over the wire. A code that this version does not know is kept. */
export const fromWireError = (error: WireError, channel?: string): SynclineError =>
  new SynclineError(error.code as ErrorCode, { ...error, channel })
