import { type ErrorCode, SynclineError } from '@syncline/core'

/** How long to wait where Ably says too many: its rates are counted by the second. */
const RATE_WINDOW = 1_000

/** Ably's codes that say more than that something failed. */
const codes: Readonly<Record<number, ErrorCode>> = {
  40009: 'too-large',
  40160: 'forbidden',
  42910: 'rate-limited',
  42911: 'rate-limited',
  90010: 'too-many-channels',
}

/** An error of the SDK: what Ably's code says, else `code`. The SDK's own is the `cause`. */
export const ablyError = (
  what: string,
  cause: unknown,
  code: ErrorCode = 'transport-failed',
  channel?: string,
): SynclineError => {
  const number = (cause as { readonly code?: number } | undefined | null)?.code
  const own = codes[number as number] ?? code
  return new SynclineError(own, {
    detail: number ? `${what} (${number})` : what,
    retryAfter: own === 'rate-limited' ? RATE_WINDOW : undefined,
    channel,
    cause: cause ?? undefined,
  })
}
