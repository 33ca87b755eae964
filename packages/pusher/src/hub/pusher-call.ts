import { type ErrorCode, SynclineError } from '@syncline/core'
import type { HubEnvironment } from '@syncline/server'

/** Milliseconds until a request must be answered: the SDK itself would wait for ever. */
const TIMEOUT = 10_000

/** What the SDK's `RequestError` has beside its message; each may be missing. */
interface Refusal {
  readonly status?: number
  readonly body?: string
  readonly error?: unknown
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed-frame',
  401: 'provider-refused',
  403: 'provider-refused',
  404: 'provider-refused',
  413: 'too-large',
  429: 'rate-limited',
}

/**
 * One request to Pusher's HTTP API.
 *
 * @throws SynclineError what its status means, as a rejection; `transport-failed` without an answer
 */
export const call = async (
  { setTimer }: HubEnvironment,
  ask: () => Promise<{ text(): Promise<string> }>,
): Promise<void> => {
  let cancel: (() => void) | undefined
  const late = new Promise<never>((_, reject) => {
    cancel = setTimer(TIMEOUT, () =>
      reject(new SynclineError('transport-failed', { detail: `Pusher had no answer within ${TIMEOUT} ms.` })),
    )
  })
  try {
    // Read to its end, or a connection that is kept alive could not be used again.
    const answered = ask().then((response) => response.text())
    await Promise.race([answered, late])
  } catch (cause) {
    throw cause instanceof SynclineError ? cause : refusal(cause as Refusal)
  } finally {
    cancel?.()
  }
}

const refusal = (cause: Refusal): SynclineError => {
  const { status, body } = cause
  return new SynclineError((status && CODES[status]) || 'transport-failed', {
    detail: status
      ? `Pusher answered ${status}: ${body?.trim() || 'nothing'}`
      : 'Pusher could not be reached.',
    cause: cause.error ?? cause,
  })
}
