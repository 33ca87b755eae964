import { type ErrorCode, SynclineError } from '@syncline/core'

/** What pusher-js tells of a failure: the error itself, or in a wrapper of the handshake's. */
interface Told {
  readonly error?: Told
  readonly data?: { readonly code?: unknown }
}

/**
 * What follows from a failure: the link is `over`; it is over because the app's server `terminated` it; or it stands,
 * and the `complaint` is about something that was asked for.
 */
export type Consequence = 'over' | 'terminated' | 'complaint'

/** Milliseconds until a full quota may have room again. */
const FULL = 30_000
/**
 * Milliseconds after the codes 4100 to 4199. Pusher's protocol asks for 1,000: it is more, so that the timer of 1,000
 * that pusher-js sets and forgets does not end the next attempt.
 */
const BUSY = 1_500

/** What Pusher's close codes have in common, by their first two digits: 40 to 43. */
const family = (code: number): number => Math.trunc(code / 100)

/** By Pusher's close codes: after 4000 to 4099 trying again as before is of no use, except for those named here. */
const meaning = (code: number): ErrorCode => {
  if (code === 4004) return 'too-many-connections'
  if (code > 4005 && code < 4009) return 'protocol-version'
  if (family(code) === 43) return 'rate-limited'
  return family(code) === 40 && code !== 4009 ? 'provider-refused' : 'transport-failed'
}

/** What an `error` of the SDK's connection means. Undefined for what says nothing by itself: its end follows. */
export const readError = (
  told: unknown,
): readonly [error: SynclineError, consequence: Consequence] | undefined => {
  const { error, data = error?.data } = (told ?? {}) as Told
  if (!data) return undefined
  // None where only a request was refused.
  const code = typeof data.code === 'number' ? data.code : 0
  return [
    new SynclineError(meaning(code), {
      detail: `Pusher: ${JSON.stringify(data)}`,
      retryAfter: code === 4004 ? FULL : family(code) === 41 ? BUSY : undefined,
    }),
    code === 4009 ? 'terminated' : code && family(code) !== 43 ? 'over' : 'complaint',
  ]
}
