import { SynclineError } from '@syncline/core'

/**
 * Asks our own server for a token. The error's code says what follows: `transport-failed` is tried again by
 * itself, `unauthenticated` waits until the person signs in.
 */
export const fetchToken = async (person: string): Promise<string> => {
  const response = await fetch('/api/token', { method: 'POST', body: JSON.stringify({ person }) }).catch(
    (cause) => {
      throw new SynclineError('transport-failed', { detail: 'The server did not answer.', cause })
    },
  )
  if (response.status === 401) throw new SynclineError('unauthenticated')
  if (!response.ok) throw new SynclineError('transport-failed', { detail: `Token: ${response.status}.` })
  const { token } = await response.json()
  return token
}
