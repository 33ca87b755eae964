import { type ErrorCode, SynclineError } from '@syncline/core'

/** What pusher-js tells of a failure: the error itself, or in a wrapper of the handshake's. */
interface Told {
  readonly error?: Told
  readonly data?: { readonly code?: number | null; readonly message?: string }
}

/**
 * What follows from a failure: the link is `over`; it is over because the app's server `terminated` it; or it stands,
 * and the `complaint` is about something that was asked for.
 */
export type Consequence = 'over' | 'terminated' | 'complaint'

/** Milliseconds until a full quota may have room again. */
const FULL = 30_000
/**
 * Milliseconds after the codes 4100 to 4199, for which Pusher's protocol asks for 1,000, and after 1002 to 1004, so that
 * a timer of 1,000 that pusher-js sets and forgets does not end the next attempt.
 */
const BUSY = 1_500

const between = (code: number, first: number, last: number): boolean => code >= first && code <= last

/** By Pusher's close codes: after 4000 to 4099 trying again as before is of no use, except for those named here. */
const meaning = (code: number): ErrorCode => {
  if (code === 4004) return 'too-many-connections'
  if (between(code, 4006, 4008)) return 'protocol-version'
  if (between(code, 4300, 4399)) return 'rate-limited'
  return between(code, 4000, 4099) && code !== 4009 ? 'provider-refused' : 'transport-failed'
}

/** What an `error` of the SDK's connection means. Undefined for what says nothing by itself: its end follows. */
export const readError = (
  told: unknown,
): { readonly error: SynclineError; readonly consequence: Consequence } | undefined => {
  const { error, data = error?.data } = (told ?? {}) as Told
  // Null where only a request was refused.
  const code = data?.code === null ? 0 : data?.code
  if (code === undefined) return undefined
  return {
    error: new SynclineError(meaning(code), {
      detail: `Pusher: ${data?.message || 'cut'} (${code})`,
      retryAfter:
        code === 4004 ? FULL : between(code, 4100, 4199) || between(code, 1002, 1004) ? BUSY : undefined,
    }),
    consequence: code === 4009 ? 'terminated' : !code || between(code, 4300, 4399) ? 'complaint' : 'over',
  }
}
