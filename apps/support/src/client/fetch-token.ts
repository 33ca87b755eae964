import { SynclineError } from '@syncline/core'

/** A connection that the network has forgotten answers nothing; given up, it is not used for the next request. */
const PATIENCE = 5_000

/**
 * Asks our own server for a token. The error's code says what follows: `transport-failed` is tried again by
 * itself, `unauthenticated` waits until the person signs in.
 */
export const fetchToken = async (person: string): Promise<string> => {
  const response = await fetch('/api/token', {
    method: 'POST',
    body: JSON.stringify({ person }),
    signal: AbortSignal.timeout(PATIENCE),
  }).catch((cause) => {
    throw new SynclineError('transport-failed', { detail: 'The server did not answer.', cause })
  })
  if (response.status === 401) throw new SynclineError('unauthenticated')
  if (!response.ok) throw new SynclineError('transport-failed', { detail: `Token: ${response.status}.` })
  const { token } = await response.json()
  return token
}
