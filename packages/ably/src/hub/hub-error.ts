import { SynclineError } from '@syncline/core'
import type { ErrorInfo } from 'ably'
import { ablyError } from '../ably-error.ts'

/** 401xx, 403xx, 404xx: an unknown or wrong key, a disabled one, an unknown app. */
const REFUSED = /^40[134]\d\d$/

/** An error of the hub's REST client: `provider-refused` where Ably does not take the key itself. */
export const hubError = (what: string, cause: unknown, channel?: string): SynclineError => {
  const error = ablyError(what, cause, undefined, channel)
  const { code } = (cause ?? {}) as Partial<ErrorInfo>
  if (error.code !== 'transport-failed' || !REFUSED.test(String(code))) return error
  return new SynclineError('provider-refused', { detail: `Ably refused the hub's key (${code})`, cause })
}
