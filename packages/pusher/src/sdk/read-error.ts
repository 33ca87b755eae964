import { type ErrorCode, SynclineError } from '@syncline/core'

/** What pusher-js tells of a failure: the error itself, or in a wrapper of the handshake's. */
interface Told {
  readonly error?: Told
  readonly data?: { readonly code?: number | null; readonly message?: string }
}

/** Close codes after which trying again as before is of no use, by what is wrong. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  4000: 'transport-failed', // TLS only: the SDK uses it from the next attempt on
  4004: 'too-many-connections',
  4006: 'protocol-version',
  4007: 'protocol-version',
  4008: 'protocol-version',
  4009: 'transport-failed', // no longer authorised: the hub says why when it is asked again
}

/** Milliseconds that Pusher's protocol asks for after its codes 4100 to 4199. */
const BUSY = 1_000
/** Milliseconds until a full quota may have room again. */
const FULL = 30_000

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
  const retryAfter = code === 4004 ? FULL : code >= 4100 && code < 4200 ? BUSY : undefined
  return {
    ends: true,
    terminated: code === 4009,
    error: new SynclineError(CODES[code] ?? (refused ? 'provider-refused' : 'transport-failed'), {
      detail,
      retryAfter,
    }),
  }
}
