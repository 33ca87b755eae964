import { type ErrorCode, SynclineError } from '@syncline/core'

/** What pusher-js tells of a failure: the error itself, or in a wrapper of the handshake's. */
interface Told {
  readonly error?: Told
  readonly data?: { readonly code?: number | null; readonly message?: string }
}

/** Close codes after which trying again as before is of no use, by what is wrong. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  4004: 'too-many-connections',
  4006: 'protocol-version',
  4007: 'protocol-version',
  4008: 'protocol-version',
  4009: 'transport-failed', // no longer authorised: the hub says why when it is asked again
}

/**
 * Milliseconds after the codes 4100 to 4199, for which Pusher's protocol asks for 1,000, and after 1002 to 1004, so that
 * a timer of 1,000 that pusher-js sets and forgets does not end the next attempt.
 */
const BUSY = 1_500
/** Milliseconds until a full quota may have room again. */
const FULL = 30_000

const isBusy = (code: number): boolean => (code >= 4100 && code < 4200) || (code >= 1002 && code <= 1004)

/**
 * What an `error` of the SDK's connection means: `ends` where the link is over (Pusher's close codes), else the
 * complaint about something that was asked for. `terminated`: the app's server wanted it so. Undefined for what says nothing by itself: its end follows.
 */
export const readError = (
  told: unknown,
): { readonly ends: boolean; readonly terminated?: boolean; readonly error: SynclineError } | undefined => {
  const { error, data = error?.data } = (told ?? {}) as Told
  const code = data?.code
  if (code === undefined) return undefined
  const detail = `Pusher: ${data?.message || 'the link broke'}${code === null ? '' : ` (${code})`}.`
  if (code === null || (code >= 4300 && code < 4400))
    return { ends: false, error: new SynclineError(code ? 'rate-limited' : 'transport-failed', { detail }) }
  const refused = code >= 4000 && code < 4100
  const retryAfter = code === 4004 ? FULL : isBusy(code) ? BUSY : undefined
  return {
    ends: true,
    terminated: code === 4009,
    error: new SynclineError(CODES[code] ?? (refused ? 'provider-refused' : 'transport-failed'), {
      detail,
      retryAfter,
    }),
  }
}
