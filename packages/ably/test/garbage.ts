import { expect } from 'vitest'

/** Bodies that are no JSON, methods and sessions that there are not. */
export const garbage = async (url: string): Promise<void> => {
  const ask = async (path: string, init: RequestInit) => {
    const response = await fetch(`${url}/syncline${path}`, init)
    const { error } = (await response.json()) as { readonly error: { readonly code: string } }
    return [response.status, error.code]
  }
  for (const body of ['', 'text', '{"frames":', '\u0000'])
    expect(await ask('/ably', { method: 'POST', body })).toEqual([400, 'malformed-frame'])
  expect(await ask('/ably', { method: 'GET' })).toEqual([405, 'method-not-allowed'])
  expect(await ask('/ably', { method: 'POST', body: ' '.repeat(2 ** 21) })).toEqual([413, 'too-large'])
  for (const action of ['send', 'close', 'token', 'else']) {
    const forged = { method: 'POST', body: JSON.stringify({ session: 'another', frames: [] }) }
    expect(await ask(`/ably/${action}`, forged)).toEqual([404, 'transport-failed'])
  }
}
