import { type ErrorCode, SynclineError } from '@syncline/core'
import type { ErrorInfo } from 'ably'

/** How long to wait where Ably says too many: its rates are counted by the second. */
const RATE_WINDOW = 1_000

/** Ably's codes that say more than that something failed; those of rates (429xx, 90021) have the status 429. */
const codes: Readonly<Record<number, ErrorCode>> = {
  40009: 'too-large',
  40160: 'forbidden',
  90010: 'too-many-channels',
}

/** An error of the SDK: what Ably's code says, else `code`. The SDK's own is the `cause`. */
export const ablyError = (
  what: string,
  cause: unknown,
  code: ErrorCode = 'transport-failed',
  channel?: string,
): SynclineError => {
  const { code: number, statusCode } = (cause ?? {}) as Partial<ErrorInfo>
  const own = codes[number ?? 0] ?? (statusCode === 429 ? 'rate-limited' : code)
  return new SynclineError(own, {
    detail: number ? `${what} (${number})` : what,
    retryAfter: own === 'rate-limited' ? RATE_WINDOW : undefined,
    channel,
    cause: cause ?? undefined,
  })
}
